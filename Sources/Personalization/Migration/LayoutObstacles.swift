import ByteText
import CardData
import CardLayout

/// What a card made by one layout cannot become, whatever keys are at hand: on a COS of this family size, structure and rights of a file are
/// fixed when it is created, a directory is created with exactly the room that its layout needs, and so is its key file.
struct LayoutObstacles {
    let old: CompiledCard
    let new: CompiledCard

    /// Obstacles of the whole card and of the directories that both layouts have.
    func found() -> [Fault] {
        var faults = FaultCollector()
        if old.profile.algorithm != new.profile.algorithm
            || old.profile.answerToResetPrefix != new.profile.answerToResetPrefix
        {
            faults.add("migrate.other-chip", ["from": old.profile.name, "to": new.profile.name], at: new.layout.place)
        }
        for directory in new.directories {
            guard let before = old.directory(directory.name) else { continue }
            compare(before, directory, &faults)
        }
        return faults.faults
    }

    private func compare(
        _ before: CompiledDirectory, _ after: CompiledDirectory, _ faults: inout FaultCollector
    ) {
        let place = after.directory?.place
        let name = after.name
        if before.identifier != after.identifier
            || before.directory?.dedicatedFileName != after.directory?.dedicatedFileName
            || before.directory?.parent != after.directory?.parent
        {
            faults.add("migrate.directory-name", ["directory": name], at: place)
        }
        if Set(before.security.keys.map(KeyPlace.init)) != Set(after.security.keys.map(KeyPlace.init)) {
            faults.add("migrate.keys", ["directory": name], at: place)
        }
        for file in after.files {
            guard let description = file.file else { continue }
            guard let earlier = before.file(file.name), earlier.file != nil else {
                // An application has a file as soon as it takes a record of it, which the card at hand decides.
                guard new.profile.globalPlatform == nil else { continue }
                faults.add(
                    "migrate.no-room", ["place": "\(name)/\(file.name)", "needed": String(file.space)],
                    at: description.place)
                continue
            }
            compare(earlier, file, description, name, &faults)
        }
    }

    private func compare(
        _ before: CompiledFile, _ after: CompiledFile, _ description: ElementaryFile, _ directory: String,
        _ faults: inout FaultCollector
    ) {
        let path = "\(directory)/\(after.name)"
        if !before.structure.isOfKind(after.structure) || before.identifier != after.identifier {
            faults.add("migrate.structure", ["place": path], at: description.place)
            return
        }
        // Under the rule of appendix C a record keeps its length, whatever its tag now means.
        let rule = before.file.flatMap { RecordRule($0, description) }
        if rule?.rewrites != true, before.bodySize != after.bodySize || before.structure != after.structure {
            faults.add(
                "migrate.size", ["place": path, "from": String(before.bodySize), "to": String(after.bodySize)],
                at: description.place)
        }
        if before.readByte != after.readByte || before.recordReadBytes != after.recordReadBytes {
            faults.add(
                "migrate.read-rule", ["place": path, "from": before.readRule, "to": after.readRule],
                at: description.place)
        }
        if before.writeByte != after.writeByte {
            faults.add(
                "migrate.write-rule",
                ["place": path, "from": before.writeByte.hexadecimal, "to": after.writeByte.hexadecimal],
                at: description.place)
        }
        if before.protection != after.protection {
            faults.add("migrate.protection", ["place": path], at: description.place)
        }
        if rule == nil, before.bodySize == after.bodySize, before.file?.recordOrder != description.recordOrder {
            faults.add("migrate.record-order", ["place": path], at: description.place)
        }
        for element in description.elements {
            guard let earlier = before.file?.elements.first(where: { $0.tag == element.tag && $0.tag != nil }),
                !earlier.means(as: element), rule == nil || !earlier.takes(element)
            else { continue }
            faults.add(
                "migrate.tag-meaning",
                [
                    "place": path, "tag": element.tag?.hexadecimal ?? "", "from": earlier.title, "to": element.title,
                ], at: element.place)
        }
    }
}

/// A key record as the card keeps it, wherever its line stands.
private struct KeyPlace: Hashable {
    private let name: String
    private let bytes: [UInt8]
    private let isProtected: Bool

    init(_ record: KeyRecord) {
        name = record.name
        bytes = [
            record.type, record.identifier, record.useRight, record.changeRight, record.nextState, record.tries,
        ]
        isProtected = record.isProtected
    }
}

extension ElementaryFile.Structure {
    /// Whether both keep their content in the same way, whatever their sizes.
    fileprivate func isOfKind(_ other: ElementaryFile.Structure) -> Bool {
        switch (self, other) {
        case (.variableRecord, .variableRecord), (.fixedRecord, .fixedRecord), (.cyclic, .cyclic),
            (.transparent, .transparent):
            true
        default: false
        }
    }
}

extension ElementaryFile {
    /// Tag and length of each record in its order; none where the file has no records of its own lengths.
    fileprivate var recordOrder: [[Int]] {
        guard case .variableRecord = structure else { return [] }
        return elements.flatMap { element in
            Array(repeating: [Int(element.tag ?? 0), element.length], count: element.repeats)
        }
    }
}

extension CompiledFile {
    /// The read right with those of single records, as `F0` or `F0, 07:11`.
    fileprivate var readRule: String {
        ([readByte.hexadecimal]
            + recordReadBytes.sorted { $0.key < $1.key }.map { "\($0.key.hexadecimal):\($0.value.hexadecimal)" })
            .joined(separator: ", ")
    }
}
