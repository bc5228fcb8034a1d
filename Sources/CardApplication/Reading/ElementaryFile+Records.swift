import CardLayout

extension ElementaryFile {
    /// How many records the layout gives the file, at most; nil for one without records.
    var recordCount: Int? {
        switch structure {
        case .variableRecord: elements.reduce(0) { $0 + $1.repeats }
        case .fixedRecord(let count, _), .cyclic(let count, _): count
        case .transparent: nil
        }
    }

    /// Bytes of a record by the layout, 1 first; 0 for a record that the layout does not know.
    func recordLength(_ number: Int) -> Int {
        switch structure {
        case .variableRecord:
            elements.flatMap { Array(repeating: $0.recordLength, count: $0.repeats) }.dropFirst(number - 1).first ?? 0
        case .fixedRecord(_, let length), .cyclic(_, let length): length
        case .transparent: 0
        }
    }
}
