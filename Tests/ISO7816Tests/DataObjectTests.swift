import ByteText
import ISO7816
import Testing

/// BER-TLV (ISO/IEC 7816-4 §5.2.2); the examples are the standard's rules worked out by hand, and an FCI of EMV Book 1.
@Suite struct DataObjectTests {
    private func bytes(_ text: String) throws -> [UInt8] {
        try #require([UInt8](hexadecimal: text.filter { $0 != " " }))
    }

    private func malformed(_ bytes: [UInt8], deepest: Int = DataObject.deepest) -> DataObject.Malformed? {
        do throws(DataObject.Malformed) {
            _ = try DataObject.read(bytes, deepest: deepest)
            return nil
        } catch {
            return error
        }
    }

    @Test func fileControlInformationIsRead() throws {
        // SELECT of the payment environment: 84 its name 1PAY.SYS.DDF01, A5 with 88 01 01 (EMV 4.3 Book 1 §11.3.4).
        let text = "6F15 840E 315041592E5359532E4444463031 A503 880101"
        let object = try DataObject(reading: bytes(text))
        #expect(object.tag == .fileControlInformation)
        #expect(object[.dedicatedFileName]?.primitive == Array("1PAY.SYS.DDF01".utf8))
        let inner = try #require(object[.proprietaryTemplate])
        #expect(inner[try #require(DataObject.Tag([0x88]))]?.primitive == [0x01])
        #expect(inner[.dedicatedFileName] == nil)
        #expect(object.primitive == nil)
        #expect(object.description == "6F\n  84 315041592E5359532E4444463031\n  A5\n    88 01")
        #expect(try object.bytes == bytes(text))
    }

    @Test(arguments: [
        // Two bytes from number 31 on, three from 128 on.
        ("9F0C 02 0102", "9F0C"), ("9F1F 00", "9F1F"), ("9F7F 00", "9F7F"), ("DF8101 00", "DF8101"),
        ("5FFF7F 00", "5FFF7F"), ("7F21 00", "7F21"), ("FF8101 00", "FF8101"),
    ])
    func tagsOfSeveralBytesAreRead(text: String, tag: String) throws {
        let object = try DataObject(reading: bytes(text))
        #expect(object.tag.description == tag)
        #expect(try object.bytes == bytes(text))
    }

    @Test(arguments: [
        (0, "00"), (1, "01"), (0x7F, "7F"), (0x80, "8180"), (0xFF, "81FF"), (0x100, "820100"), (0xFFFF, "82FFFF"),
        (0x10000, "83010000"), (0xFF_FFFF, "83FFFFFF"), (0x100_0000, "8401000000"),
    ])
    func lengthsTakeTheFewestBytes(count: Int, field: String) throws {
        #expect(DataObject.length(count).hexadecimal == field)
        guard count <= 0x1_0000 else { return }
        let value = [UInt8](repeating: 0xA5, count: count)
        let encoded = try [0x53] + bytes(field) + value
        let object = try DataObject(reading: encoded)
        #expect(object.primitive == value)
        #expect(object.bytes == encoded)
    }

    @Test(
        arguments: [
            ("00 00", .tag, 0), ("9F00 00", .tag, 0), ("9F8000 00", .tag, 0),
            ("9F8180 00", .tag, 0),
            ("53", .truncated, 1), ("9F", .truncated, 0), ("9F81", .truncated, 0), ("53 02 01", .truncated, 2),
            ("53 81", .truncated, 1), ("53 84000000", .truncated, 1), ("53 84FFFFFFFF", .truncated, 6),
            ("53 80 0000", .indefiniteLength, 1), ("6F 80 53 00 0000", .indefiniteLength, 1),
            ("53 85 0000000000", .length, 1), ("53 FF", .length, 1), ("53 8101 00", .length, 1),
            ("53 817F", .length, 1), ("53 8200FF", .length, 1), ("53 8300FFFF", .length, 1),
            ("53 8400000001 00", .length, 1),
            // The inner one is longer than what holds it.
            ("6F 02 53 01", .truncated, 4), ("6F 03 53 00 53", .truncated, 5), ("53 00 6F 01 53", .truncated, 5),
        ] as [(String, DataObject.Malformed.Reason, Int)])
    func whatIsNoDataObjectIsRefusedWithItsPlace(
        text: String, reason: DataObject.Malformed.Reason, offset: Int
    ) throws {
        let found = malformed(try bytes(text))
        #expect(found?.reason == reason)
        #expect(found?.offset == offset)
    }

    @Test func dataObjectsMayNotLieTooDeepInOneAnother() throws {
        func nested(_ levels: Int) -> [UInt8] {
            (0..<levels).reduce([]) { inner, _ in [0x6F] + DataObject.length(inner.count) + inner }
        }
        #expect(malformed(nested(16)) == nil)
        #expect(malformed(nested(17))?.reason == .tooDeep)
        #expect(malformed(nested(2), deepest: 1)?.reason == .tooDeep)
        #expect(malformed(nested(10_000))?.reason == .tooDeep)
    }

    @Test func oneIsReadOrSeveral() throws {
        #expect(try DataObject.read([]).isEmpty)
        #expect(try DataObject.read(bytes("5300 540101")).map(\.bytes) == [bytes("5300"), bytes("540101")])
        #expect(throws: DataObject.Malformed.self) { try DataObject(reading: []) }
        #expect(throws: DataObject.Malformed.self) { try DataObject(reading: bytes("5300 5400")) }
    }

    @Test func aTagSaysWhatItsValueIs() throws {
        #expect(throws: DataObject.Malformed.self) { try DataObject(.fileControlInformation, bytes: [0x01]) }
        #expect(throws: DataObject.Malformed.self) { try DataObject(.dedicatedFileName, objects: []) }
        let name = try DataObject(.dedicatedFileName, bytes: [0x01])
        #expect(try DataObject(.fileControlInformation, objects: [name]).bytes == bytes("6F03 840101"))
    }

    // MARK: - Properties

    @Test(arguments: 0..<8 as Range<UInt64>) func whatIsWrittenIsReadAgain(seed: UInt64) throws {
        var generator = SeededNumbers(seed: seed)
        for _ in 0..<200 {
            let object = try random(3, &generator)
            #expect(try DataObject(reading: object.bytes) == object, "seed \(seed)")
        }
    }

    @Test(arguments: 0..<8 as Range<UInt64>) func whatIsReadIsWrittenAsItWas(seed: UInt64) throws {
        var generator = SeededNumbers(seed: seed)
        for _ in 0..<500 {
            var bytes = try random(3, &generator).bytes
            // Changed in a place or two: most are refused, and none is read as other bytes than it is.
            for _ in 0..<Int.random(in: 1...2, using: &generator) {
                bytes[Int.random(in: bytes.indices, using: &generator)] = UInt8.random(
                    in: .min ... .max, using: &generator)
            }
            guard let objects = try? DataObject.read(bytes) else { continue }
            #expect(objects.flatMap(\.bytes) == bytes, "seed \(seed)")
        }
    }

    private func random(_ levels: Int, _ generator: inout SeededNumbers) throws -> DataObject {
        let tags: [[UInt8]] = [
            [0x53], [0x84], [0x9F, 0x0C], [0xDF, 0x81, 0x01], [0x6F], [0xA5], [0x7F, 0x21], [0xFF, 0x81, 0x01],
        ]
        let tag = try #require(DataObject.Tag(tags[Int.random(in: tags.indices, using: &generator)]))
        guard tag.isConstructed else {
            let count = Int.random(in: 0...3, using: &generator) == 0 ? 300 : Int.random(in: 0...130, using: &generator)
            return try DataObject(
                tag, bytes: (0..<count).map { _ in UInt8.random(in: .min ... .max, using: &generator) })
        }
        guard levels > 0 else { return try DataObject(tag, objects: []) }
        let count = Int.random(in: 0...3, using: &generator)
        var objects: [DataObject] = []
        for _ in 0..<count { objects.append(try random(levels - 1, &generator)) }
        return try DataObject(tag, objects: objects)
    }
}

/// Repeatable random numbers (SplitMix64).
private struct SeededNumbers: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var value = state
        value = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
        value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
        return value ^ (value >> 31)
    }
}
