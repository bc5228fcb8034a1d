import ByteText
import CardData
import CardLayout
import SeededNumbers
import Testing

@Suite struct ElementCodecTests {
    static let place = SourcePlace(file: "layout.yaml", line: 1)

    static func element(
        _ coding: Element.Coding, _ length: Int, repeats: Int = 1, tag: UInt8? = 0x10, name: String = "it"
    ) -> Element {
        Element(tag: tag, name: name, title: "项", coding: coding, length: length, repeats: repeats, place: place)
    }

    static let template = element(
        .template(
            tag: 0x40,
            inner: [
                element(.text, 3, tag: 0x57, name: "degree"), element(.packedDigits, 3, tag: 0x58, name: "major"),
            ]), 10, repeats: 3, tag: 0x40, name: "degrees")

    /// Filling and alignment are those of the specification's §7: `an` with 00, `cn` with F, both at the left.
    @Test func textIsFilledWithZeroAndDigitsWithF() throws {
        #expect(try ElementCodec.encode(.text("1.00"), Self.element(.text, 6)).hexadecimal == "312E30300000")
        #expect(try ElementCodec.encode(.text("李"), Self.element(.text, 4)).hexadecimal == "C0EE0000")
        #expect(try ElementCodec.encode(.text("20240229"), Self.element(.packedDigits, 4)).hexadecimal == "20240229")
        #expect(try ElementCodec.encode(.text("123"), Self.element(.packedDigits, 4)).hexadecimal == "123FFFFF")
        #expect(try ElementCodec.encode(.bytes([1, 2]), Self.element(.binary, 2)) == [1, 2])
    }

    @Test func templatesHoldTheirInnerElementsAndRepeatBlank() throws {
        let rows = [["degree": "301", "major": "0812"], [:], ["degree": "401"]]
        let bytes = try ElementCodec.encode(.templates(rows), Self.template)
        #expect(bytes.hexadecimal == "570333303158030812FF" + "57030000005803FFFFFF" + "57033430315803FFFFFF")
        #expect(try ElementCodec.decode(bytes, Self.template) == .templates(rows))
        #expect(try ElementCodec.values(.templates(rows), of: Self.template).map(\.count) == [10, 10, 10])
    }

    @Test func blankIsNoValue() throws {
        for (element, blank) in [
            (Self.element(.text, 2), "0000"), (Self.element(.packedDigits, 2), "FFFF"),
            (Self.element(.binary, 2), "0000"),
            (Self.element(.template(tag: 0x40, inner: Self.innerOfTemplate), 10), "57030000005803FFFFFF"),
        ] {
            #expect(ElementCodec.blank(element).hexadecimal == blank)
            #expect(try ElementCodec.decode(ElementCodec.blank(element), element) == nil)
            #expect(try ElementCodec.decode([UInt8](repeating: 0xFF, count: element.length), element) == nil)
        }
    }

    static var innerOfTemplate: [Element] {
        if case .template(_, let inner) = template.coding { inner } else { [] }
    }

    @Test(arguments: [
        (ElementValue.text("五个字"), element(.text, 5), "element.too-long"),
        (.text("1234567"), element(.packedDigits, 3), "element.too-long"),
        (.text("12A4"), element(.packedDigits, 3), "element.not-digits"),
        (.bytes([1]), element(.binary, 2), "element.wrong-length"),
        (.text("1"), element(.binary, 1), "element.wrong-kind"),
        (.text("\u{1F600}"), element(.text, 5), "text.not-in-gbk"),
        (.templates([[:], [:], [:], [:]]), template, "element.too-many"),
        (.templates([["degre": "1"]]), template, "element.unknown-inner"),
        (.templates([["degree": "1234"]]), template, "element.too-long"),
    ])
    func whatDoesNotFitIsRefusedByName(value: ElementValue, element: Element, code: String) {
        let faults = Home.faults { _ = try ElementCodec.encode(value, element) }
        #expect(faults.map(\.code.rawValue) == [code])
        #expect(faults.first?.parameters["element"] != nil)
    }

    @Test(arguments: [
        ("12F4", element(.packedDigits, 2), "element.padding"), ("1A", element(.packedDigits, 1), "element.padding"),
        ("1234", element(.text, 3), "element.wrong-length"), ("B0", element(.text, 1), "text.undecodable"),
        ("580333303158030812FF" + "57030000005803FFFFFF" + "57030000005803FFFFFF", template, "element.template-form"),
    ])
    func damagedBytesAreTold(bytes: String, element: Element, code: String) throws {
        let bytes = try #require([UInt8](hexadecimal: bytes))
        #expect(Home.faults { _ = try ElementCodec.decode(bytes, element) }.map(\.code.rawValue) == [code])
    }

    @Test func rowsTravelAsOneLineOfText() throws {
        let rows = [["a": "x;y|z\\", "b": "1=2"], [:], ["a": ""]]
        #expect(TemplateText.write(rows) == "a=x\\;y\\|z\\\\;b=1=2||a=")
        #expect(try TemplateText.read(TemplateText.write(rows)) == rows)
        #expect(Home.faults { _ = try TemplateText.read("a=1;b") }.map(\.code) == ["element.template-syntax"])
        #expect(Home.faults { _ = try TemplateText.read("a=1;a=2") }.map(\.code) == ["element.template-repeated"])
    }

    /// U+0601 joins what stands behind it, U+0301 what stands before it: to Swift one character, to the format a mark of its own.
    @Test func aSignThatJoinsItsNeighbourHidesNoMark() throws {
        let rows = [["a": "1\u{601}", "b": "\u{301};\u{601}|\\\u{301}"], ["c": "\u{301}=\u{601}"]]
        #expect(try TemplateText.read(TemplateText.write(rows)) == rows)
        #expect(try TemplateText.read("a=1\u{601};b=2|c=\u{301}3").map(\.count) == [2, 1])
    }

    // MARK: every element of the national layouts

    @Test(arguments: ["national-2.0", "national-3.0"], [UInt64](1...8))
    func everyElementComesBackAsItWent(layout: String, seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        let layout = try Home.library.layout(named: layout)
        for directory in layout.directories {
            for file in directory.files {
                for element in file.elements {
                    let value = RandomValues.value(of: element, &random)
                    let bytes = try ElementCodec.encode(value, element)
                    let name = "\(directory.name).\(file.name).\(element.name), seed \(seed)"
                    #expect(bytes.count == element.length * element.repeats, "\(name)")
                    #expect(try ElementCodec.decode(bytes, element) == value, "\(name)")
                    #expect(try ElementCodec.value(value.text, for: element) == value, "\(name)")
                }
            }
        }
    }

    @Test(arguments: [UInt64](1...20))
    func rowsOfCyclicFilesComeBackAsTheyWent(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        let layout = try Home.library.layout(named: "national-2.0")
        for path in [("DF02", "EF07"), ("DF02", "EF16"), ("DF04", "EF08"), ("DF04", "EF15")] {
            let file = try #require(layout.directory(path.0)?.file(path.1))
            let row = file.elements.reduce(into: [String: String]()) { row, field in
                row[field.name] = RandomValues.value(of: field, &random).text
            }
            let record = try RowCodec.encode(row, of: file)
            #expect(try RowCodec.decode(record, of: file) == row, "seed \(seed)")
        }
    }
}

/// Values that an element can hold, of any length it allows.
enum RandomValues {
    private static let characters = Array("王李张刘陈·市区路号0123456789ABCxyz ().-")

    static func value(of element: Element, _ random: inout SeededGenerator) -> ElementValue {
        switch element.coding {
        case .text: return .text(text(element.length, &random))
        case .packedDigits:
            let count = Int.random(in: 1...element.length * 2, using: &random)
            return .text((0..<count).map { _ in String(Int.random(in: 0...9, using: &random)) }.joined())
        case .binary:
            let bytes = (0..<element.length).map { _ in UInt8.random(in: 0...255, using: &random) }
            return .bytes([1] + bytes.dropFirst())
        case .template(_, let inner):
            let rows = (0..<Int.random(in: 1...element.repeats, using: &random)).map { _ in
                inner.reduce(into: [String: String]()) { row, part in
                    row[part.name] = value(of: part, &random).text
                }
            }
            return .templates(rows)
        }
    }

    /// Text that ends with neither a blank nor nothing, in at most as many GBK bytes.
    private static func text(_ length: Int, _ random: inout SeededGenerator) -> String {
        var text = "A"
        var left = Int.random(in: 0..<length, using: &random)
        while left > 0, let character = characters.randomElement(using: &random) {
            let size = character.isASCII ? 1 : 2
            if size > left { break }
            text.append(character)
            left -= size
        }
        return text
    }
}
