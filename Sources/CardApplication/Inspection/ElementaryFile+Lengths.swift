import CardData
import CardLayout

extension ElementaryFile {
    /// Whether records are as many and as long as the layout has them.
    ///
    /// Cyclic files may hold fewer, since they fill up; their number in a layout is a least one.
    ///
    /// - Parameter shut: numbers of records that are empty because the card did not open them, though it should have.
    func lengthVerdict(_ records: [[UInt8]], shut: [Int] = []) -> RuleFinding.Verdict {
        var faults = FaultCollector()
        let lengths: [Int]
        switch structure {
        case .variableRecord: lengths = elements.flatMap { Array(repeating: $0.recordLength, count: $0.repeats) }
        case .fixedRecord(let count, let length): lengths = Array(repeating: length, count: count)
        case .cyclic(let count, let length): lengths = Array(repeating: length, count: min(count, records.count))
        case .transparent: return .ok
        }
        if records.count != lengths.count {
            faults.add(
                "card-verify.record-count", ["count": String(records.count), "expected": String(lengths.count)])
        }
        // A record behind a right of its own that was not presented stands as an empty one.
        for (index, (record, length)) in zip(records, lengths).enumerated()
        where (!record.isEmpty || shut.contains(index + 1)) && record.count != length {
            faults.add(
                "card-verify.record-length",
                ["number": String(index + 1), "length": String(record.count), "expected": String(length)])
        }
        return faults.faults.isEmpty ? .ok : .violated(faults.faults)
    }

    /// The elements whose records were not open; the numbers of rows, which hold all elements each.
    func closedElements(_ outcome: FileReading.Outcome) -> Set<String> {
        guard case .records(let records) = outcome else { return [] }
        if case .cyclic = structure {
            return Set(records.indices.filter { records[$0].isEmpty }.map { String($0 + 1) })
        }
        let names = elements.flatMap { Array(repeating: $0.name, count: $0.repeats) }
        return Set(zip(names, records).filter { $1.isEmpty }.map(\.0))
    }
}

extension ElementaryFile.Structure {
    /// The structure in both languages, for messages.
    var words: String {
        switch self {
        case .variableRecord: "变长记录 variable-record"
        case .fixedRecord: "定长记录 fixed-record"
        case .cyclic: "循环记录 cyclic"
        case .transparent: "透明 transparent"
        }
    }
}

extension Array where Element: Hashable {
    /// Each element once, in the order they first came.
    func uniqued() -> [Element] {
        var seen: Set<Element> = []
        return filter { seen.insert($0).inserted }
    }
}
