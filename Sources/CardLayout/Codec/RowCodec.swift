public import CardData

/// Turns the rows of cyclic files into records and back: the fields one after the other, without tags.
public enum RowCodec {
    /// The record of a row; fields without a value are blank.
    ///
    /// Throws `element.unknown-inner` and what ``ElementCodec`` throws.
    public static func encode(_ row: [String: String], of file: ElementaryFile) throws(Faults) -> [UInt8] {
        var faults = FaultCollector()
        for name in row.keys.sorted() where file.element(name) == nil {
            let known = file.elements.map(\.name).joined(separator: ", ")
            faults.add("element.unknown-inner", ["element": file.name, "name": name, "known": known])
        }
        var bytes: [UInt8] = []
        for field in file.elements {
            guard let text = row[field.name], !text.isEmpty else {
                bytes += ElementCodec.blank(field)
                continue
            }
            let encoded = faults.attempt { () throws(Faults) in
                try ElementCodec.encode(try ElementCodec.value(text, for: field), field)
            }
            bytes += encoded ?? []
        }
        try faults.check()
        return bytes
    }

    /// The row of a record; nil when it was never written.
    ///
    /// Throws `element.wrong-length` and what ``ElementCodec`` throws.
    public static func decode(_ record: [UInt8], of file: ElementaryFile) throws(Faults) -> [String: String]? {
        if record.allSatisfy({ $0 == 0x00 }) || record.allSatisfy({ $0 == 0xFF }) { return nil }
        let expected = file.elements.reduce(0) { $0 + $1.length }
        guard record.count == expected else {
            throw Faults(
                "element.wrong-length",
                ["element": file.name, "length": String(record.count), "expected": String(expected)])
        }
        var row: [String: String] = [:]
        var offset = 0
        for field in file.elements {
            let bytes = Array(record[offset..<offset + field.length])
            offset += field.length
            // An amount of zero is a value; only text and digits have a filler that means nothing.
            if case .binary = field.coding {
                row[field.name] = ElementValue.bytes(bytes).text
            } else {
                row[field.name] = try ElementCodec.single(bytes, field)?.text
            }
        }
        return row
    }
}
