import ByteText
public import CardData

/// Values for every element of a layout, of an invented person: what the manual shows, and what a budget is measured with.
///
/// Every file is full: rings hold all their rows, templates all their repetitions, the photo takes up its whole file.
public struct ExampleRecord: Sendable {
    /// An area that belongs to nobody; all invented people come from there.
    static let area = "990101"

    /// The values by full name, as ``PersonImageEncoder`` takes them; the specification version is the layout's own.
    public let values: [String: String]

    /// The example of a layout; codes are the first of their tables.
    ///
    /// Throws what reading the code tables throws.
    public init(layout: CardLayout, codes: CodeLookup) throws(Faults) {
        let index = ElementIndex(layout)
        var values: [String: String] = [:]
        for name in index.names {
            switch try index.target(name).target {
            case .rows(_, let file):
                guard case .cyclic(let count, _) = file.structure else { continue }
                let row = try Self.row(file.elements, codes)
                values[name] = TemplateText.write([[String: String]](repeating: row, count: count))
            case .element(_, _, let element) where element.name != PersonImageEncoder.versionElement:
                values[name] = try Self.text(of: element, codes)
            case .element, .laterMeaning, .writtenByCard: break
            }
        }
        self.values = values
    }

    private static func row(_ elements: [Element], _ codes: CodeLookup) throws(Faults) -> [String: String] {
        var row: [String: String] = [:]
        for element in elements { row[element.name] = try text(of: element, codes) }
        return row
    }

    private static func text(of element: Element, _ codes: CodeLookup) throws(Faults) -> String {
        if let table = element.codeTable, let code = try codes.exampleCode(in: table) { return code }
        if let format = element.format { return text(of: format, length: element.length) }
        switch element.coding {
        case .text: return element.length < 8 ? digits(element.length) : "示例"
        case .packedDigits: return digits(element.length * 2)
        case .binary: return (1...element.length).map { UInt8(truncatingIfNeeded: $0) }.hexadecimal
        case .template(_, let inner):
            let row = try row(inner, codes)
            return TemplateText.write([[String: String]](repeating: row, count: element.repeats))
        }
    }

    /// Check characters were computed from GB 11643 and from the weights of the card number.
    private static func text(of format: Element.Format, length: Int) -> String {
        switch format {
        case .citizenNumber: "990101199003071237"
        case .personName: "张三丰"
        case .date: "20240229"
        case .areaCode: area
        case .cardNumber: "X00000019"
        case .identificationCode: area + IdentificationCode.registeredIdentifier.hexadecimal + "000000010A0B0C0D"
        case .sex: "1"
        case .ethnicGroup: "01"
        case .picture:
            // No picture that can be seen, but one from marker to marker.
            ([0xFF, 0xD8, 0xFF] + [UInt8](repeating: 0x20, count: max(0, length - 5)) + [0xFF, 0xD9]).hexadecimal
        }
    }

    private static func digits(_ count: Int) -> String {
        (1...count).map { String($0 % 10) }.joined()
    }
}
