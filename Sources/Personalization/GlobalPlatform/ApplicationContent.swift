import ByteText
import CardApplication
import CardData
import CardLayout

/// What one application receives: its groupings, parted into STORE DATA commands.
struct ApplicationContent {
    /// A record of the layout with the grouping that carries it.
    struct Record {
        let number: Int
        let file: ElementaryFile
        let grouping: DataGrouping
        /// Such as `SSSE/EF05/cardNumber`.
        let subject: String
    }

    /// The content of one STORE DATA.
    enum Block {
        /// One grouping with keys.
        case keys(GlobalPlatformProfile.KeyGrouping)
        /// One grouping with the PIN.
        case pin
        /// Groupings with data.
        case data([DataGrouping], subject: String)
    }

    /// The records, as groupings and as they are read back.
    private(set) var records: [Record] = []
    /// The commands in their order.
    private(set) var blocks: [Block] = []

    /// - Parameter most: The data bytes that one command takes.
    init(
        _ application: GlobalPlatformProfile.Application, of directory: CompiledDirectory, image: CardImage,
        blank: CardImage, profile: GlobalPlatformProfile, most: Int, _ faults: inout FaultCollector
    ) {
        let name = directory.name
        for file in directory.files.compactMap(\.file) {
            let filled = image.records(name, file.name)
            var byNumber: [Int: CardImage.Record] = [:]
            if profile.storeData.blankRecords {
                for record in blank.records(name, file.name) { byNumber[record.number] = record }
            }
            for record in filled { byNumber[record.number] = record }
            for (_, record) in byNumber.sorted(by: { $0.key < $1.key }) {
                add(
                    record.number, record.bytes, of: file, "\(name)/\(file.name)/\(record.element)",
                    profile.storeData.recordTemplate, &faults)
            }
        }
        checkLengths(most, &faults)
        for grouping in application.keyGroupings where 3 + 16 * grouping.keys.count > most {
            faults.add(
                "globalplatform.grouping-too-long",
                [
                    "grouping": grouping.identifier.hexadecimal, "length": String(3 + 16 * grouping.keys.count),
                    "most": String(most),
                ], at: application.place)
        }
        var secrets = application.keyGroupings.map(Block.keys)
        var plain = records.map { (grouping: $0.grouping, subject: $0.subject) }
        if !directory.security.keys.isEmpty {
            secrets.append(.pin)
            // try counter, then try limit
            if let counter = DataGrouping(profile.pin.counter, [profile.pin.tries, profile.pin.tries]) {
                plain.append((counter, "\(name) PIN"))
            }
        }
        let data = Self.packed(plain, most: profile.storeData.groupings == .packed ? most : 0)
        blocks = profile.storeData.keysFirst ? secrets + data : data + secrets
        checkCount(of: name, at: application.place, &faults)
    }

    /// Records of an application that stands: neither keys nor the PIN.
    ///
    /// - Parameter most: The data bytes that one command takes.
    init(
        _ changed: [CardPlanner.Reading], of instance: GlobalPlatformPlanner.Instance,
        profile: GlobalPlatformProfile, most: Int, _ faults: inout FaultCollector
    ) {
        for reading in changed {
            add(
                reading.number ?? 0, reading.bytes, of: reading.file, reading.subject, profile.storeData.recordTemplate,
                &faults)
        }
        checkLengths(most, &faults)
        blocks = Self.packed(
            records.map { (grouping: $0.grouping, subject: $0.subject) },
            most: profile.storeData.groupings == .packed ? most : 0)
        checkCount(of: instance.directory.name, at: instance.application.place, &faults)
    }

    private func checkLengths(_ most: Int, _ faults: inout FaultCollector) {
        for record in records where record.grouping.bytes.count > most {
            faults.add(
                "globalplatform.grouping-too-long",
                [
                    "grouping": record.grouping.identifier.hexadecimal,
                    "length": String(record.grouping.bytes.count), "most": String(most),
                ], at: record.file.place)
        }
    }

    private func checkCount(of directory: String, at place: SourcePlace, _ faults: inout FaultCollector) {
        guard blocks.count > 256 else { return }
        faults.add(
            "globalplatform.too-many-blocks", ["directory": directory, "count": String(blocks.count)], at: place)
    }

    private mutating func add(
        _ number: Int, _ bytes: [UInt8], of file: ElementaryFile, _ subject: String, _ template: UInt8?,
        _ faults: inout FaultCollector
    ) {
        var value = bytes
        if let template {
            // records have at most 255 bytes, so their length takes one byte or two
            value = [template] + (bytes.count < 0x80 ? [] : [0x81]) + [UInt8(truncatingIfNeeded: bytes.count)] + bytes
        }
        guard (0x01...0x1E).contains(file.shortIdentifier), (1...255).contains(number), bytes.count <= 255,
            let grouping = DataGrouping(UInt16(file.shortIdentifier) << 8 | UInt16(number), value)
        else {
            let path = subject.split(separator: "/").prefix(2).joined(separator: "/")
            faults.add(
                "globalplatform.record-out-of-range", ["file": path, "record": String(number)], at: file.place)
            return
        }
        records.append(Record(number: number, file: file, grouping: grouping, subject: subject))
    }

    /// Groupings in their order, as many to a command as `most` bytes hold, and never none.
    private static func packed(_ groupings: [(grouping: DataGrouping, subject: String)], most: Int) -> [Block] {
        var blocks: [[(grouping: DataGrouping, subject: String)]] = []
        var used = 0
        for item in groupings {
            let length = item.grouping.bytes.count
            if blocks.isEmpty || used + length > most {
                blocks.append([])
                used = 0
            }
            blocks[blocks.count - 1].append(item)
            used += length
        }
        return blocks.map { block in
            .data(
                block.map(\.grouping),
                subject: block.count == 1 ? block[0].subject : "\(block[0].subject) … \(block[block.count - 1].subject)"
            )
        }
    }
}
