import CardData

/// Lengths that do not add up would be written as records that no reader can take apart.
extension ElementaryFile {
    /// Record numbers go from 1 to 254 (ISO/IEC 7816-4 §7.3.1); the structures with a count of their own have no more by their form.
    private static let mostRecords = 254

    /// `layout.length-sum`, `layout.record-too-long`, `layout.too-many-records` and `layout.record-number`.
    ///
    /// - Parameter longest: the longest record the card takes, with tag and length.
    func lengthFaults(longest: Int) -> [Fault] {
        var faults = FaultCollector()
        let fields = elements.reduce(0) { $0 + $1.length }
        switch structure {
        case .variableRecord:
            let records = elements.reduce(0) { $0 + $1.repeats }
            if records > Self.mostRecords {
                faults.add(
                    "layout.record-number",
                    ["file": name, "records": String(records), "most": String(Self.mostRecords)], at: place)
            }
        case .cyclic(_, let length):
            addSum(fields, length, &faults)
            addLong(length, longest, &faults)
        case .fixedRecord(let count, let length):
            if !elements.isEmpty { addSum(fields + 2 * elements.count, length, &faults) }
            addLong(length, longest, &faults)
            let records = elements.reduce(0) { $0 + $1.repeats }
            if records > count {
                faults.add(
                    "layout.too-many-records", ["file": name, "records": String(records), "count": String(count)],
                    at: place)
            }
        case .transparent(let size):
            if fields > size { addSum(fields, size, &faults) }
        }
        for element in elements {
            if element.tag != nil, element.recordLength > longest {
                faults.add(
                    "layout.record-too-long",
                    ["name": element.name, "length": String(element.recordLength), "most": String(longest)],
                    at: element.place)
            }
            guard case .template(_, let inner) = element.coding else { continue }
            let sum = inner.reduce(0) { $0 + $1.recordLength }
            if sum != element.length { faults.add(Self.sum(sum, element.length, element.name, element.place)) }
        }
        return faults.faults
    }

    private func addSum(_ sum: Int, _ length: Int, _ faults: inout FaultCollector) {
        if sum != length { faults.add(Self.sum(sum, length, name, place)) }
    }

    private func addLong(_ length: Int, _ longest: Int, _ faults: inout FaultCollector) {
        guard length > longest else { return }
        faults.add(
            "layout.record-too-long", ["name": name, "length": String(length), "most": String(longest)], at: place)
    }

    private static func sum(_ sum: Int, _ length: Int, _ name: String, _ place: SourcePlace) -> Fault {
        let parameters = [
            "name": name, "sum": String(sum, radix: 16, uppercase: true),
            "length": String(length, radix: 16, uppercase: true),
        ]
        return Fault("layout.length-sum", parameters, at: place)
    }
}
