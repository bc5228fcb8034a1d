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

extension CompiledFile {
    /// Whether a record, 1 first, is read under a right of its own and not the file's.
    func hasOwnRight(record number: Int) -> Bool {
        guard !recordReadBytes.isEmpty, let file else { return false }
        let tags = file.elements.flatMap { Array(repeating: $0.tag, count: $0.repeats) }
        guard tags.indices.contains(number - 1), let tag = tags[number - 1] else { return false }
        return recordReadBytes[tag] != nil
    }

    /// The numbers of the records that the card did not open though the file's right, which was met, is theirs.
    func shutRecords(_ records: [[UInt8]]) -> [Int] {
        records.indices.map { $0 + 1 }.filter { records[$0 - 1].isEmpty && !hasOwnRight(record: $0) }
    }
}
