import ByteText
import CardData

/// Judges texts by the element's format and code table, and brings them into the one form that the card holds.
struct ElementFormat {
    let codes: CodeLookup?

    /// The text as the card holds it; throws the value type's faults and `element.code-unknown`, each with `element`.
    func checked(_ text: String, _ element: Element) throws(Faults) -> String {
        do {
            let text = try Self.normalized(text, element)
            if let table = element.codeTable, let codes { try codes.check(text, in: table, of: element) }
            return text
        } catch {
            throw Faults(error.faults.map { $0.naming(element) }) ?? error
        }
    }

    /// The same for the rows of a template or of a fixed or cyclic file; throws all faults of all rows.
    func checked(_ rows: [[String: String]], _ inner: [Element]) throws(Faults) -> [[String: String]] {
        var faults = FaultCollector()
        var checked = rows
        for (index, row) in rows.enumerated() {
            for element in inner {
                guard let text = row[element.name], !text.isEmpty else { continue }
                let value = faults.attempt { () throws(Faults) in try self.checked(text, element) }
                checked[index][element.name] = value
            }
        }
        try faults.check()
        return checked
    }

    private static func normalized(_ text: String, _ element: Element) throws(Faults) -> String {
        switch element.format {
        case nil: return text
        case .citizenNumber: return try SocialSecurityNumber(text).text
        case .personName: return try PersonName(text).text
        case .date: return try CardDate(text).text
        case .cardNumber: return try CardNumber(text).text
        case .identificationCode: return try IdentificationCode(hexadecimal: text).text
        case .sex: return try Sex(text).code
        case .ethnicGroup: return try EthnicGroup(text).code
        case .picture:
            _ = try Picture(padded: [UInt8](hexadecimal: text) ?? [])
            return text
        case .areaCode:
            guard text.utf8.count == 6, text.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else {
                throw Faults("area-code.form", ["code": String(text.prefix(12))])
            }
            return text
        }
    }
}
