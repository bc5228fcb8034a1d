import ByteText
import CardApplication
import CardData
import CardLayout

/// What one application receives: its groupings, parted into STORE DATA commands.
struct ApplicationContent {
    /// The content of one STORE DATA.
    enum Block {
        /// One grouping with keys.
        case keys(GlobalPlatformProfile.KeyGrouping)
        /// Groupings with data.
        case data([DataGrouping])
    }

    /// The records, as groupings and as they are read back.
    private(set) var records: [DataGrouping] = []
    /// The commands in their order.
    private(set) var blocks: [Block] = []

    /// - Parameter most: The data bytes that one command takes.
    init(
        _ instance: GlobalPlatformPlanner.Instance, image: CardImage, layout: CardLayout,
        profile: GlobalPlatformProfile, most: Int, _ faults: inout FaultCollector
    ) {
        let name = instance.directory.name
        let blank = profile.storeData.blankRecords ? CardImage.blank(of: layout) : nil
        for file in instance.directory.files where file.isCreated {
            let given = image.file(name, file.name)
            if let given, case .bytes = given.content {
                faults.add("globalplatform.file-without-grouping", ["file": "\(name)/\(file.name)"], at: file.place)
                continue
            }
            let filled = image.records(name, file.name)
            var byNumber: [Int: [UInt8]] = [:]
            for record in blank?.records(name, file.name) ?? [] { byNumber[record.number] = record.bytes }
            for record in filled { byNumber[record.number] = record.bytes }
            for (number, bytes) in byNumber.sorted(by: { $0.key < $1.key }) {
                add(number, bytes, of: file, in: name, profile.storeData.recordTemplate, &faults)
            }
        }
        for grouping in records where grouping.bytes.count > most {
            faults.add(
                "globalplatform.grouping-too-long",
                [
                    "grouping": grouping.identifier.hexadecimal, "length": String(grouping.bytes.count),
                    "most": String(most),
                ], at: instance.directory.place)
        }
        let data = Self.packed(records, most: profile.storeData.groupings == .packed ? most : 0)
        let keys = instance.application.keyGroupings.map(Block.keys)
        blocks = profile.storeData.keysFirst ? keys + data : data + keys
        if blocks.count > 256 {
            faults.add(
                "globalplatform.too-many-blocks", ["directory": name, "count": String(blocks.count)],
                at: instance.directory.place)
        }
    }

    private mutating func add(
        _ number: Int, _ bytes: [UInt8], of file: ElementaryFile, in directory: String, _ template: UInt8?,
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
            faults.add(
                "globalplatform.record-out-of-range",
                ["file": "\(directory)/\(file.name)", "record": String(number)], at: file.place)
            return
        }
        records.append(grouping)
    }

    /// Groupings in their order, as many to a command as `most` bytes hold, and never none.
    private static func packed(_ groupings: [DataGrouping], most: Int) -> [Block] {
        var blocks: [[DataGrouping]] = []
        var used = 0
        for grouping in groupings {
            let length = grouping.bytes.count
            if blocks.isEmpty || used + length > most {
                blocks.append([])
                used = 0
            }
            blocks[blocks.count - 1].append(grouping)
            used += length
        }
        return blocks.map(Block.data)
    }
}
