import CardApplication
import CardData
import CardLayout

/// Values that are written anew to files which the card has.
extension MigrationPlanner {
    /// A file with what is to be written to it.
    struct Change {
        let file: CardPlanner.LayoutFile
        let readings: [CardPlanner.Reading]
    }

    /// What is to be written to the files of a directory.
    ///
    /// - Parameter doubtful: what the card warned of; taken out of it is what is written anew, and what would be copied is an obstacle.
    func changes(
        of directory: CompiledDirectory, _ image: CardImage, _ dump: CardDump, _ merged: MigrationValues,
        _ obstacles: inout [Fault], _ doubtful: inout [Fault]
    ) throws(Faults) -> [Change] {
        var changes: [Change] = []
        for file in planner.files(of: directory) {
            let path = "\(directory.name)/\(file.file.name)"
            guard let wanted = try wanted(of: file, in: directory, image, merged) else { continue }
            if case .cyclic = file.file.structure {
                obstacles.append(Fault("migrate.rows", ["place": path], at: file.file.place))
                continue
            }
            let outcome = dump[directory.name, file.file.name]
            guard let outcome, outcome.isKnown else {
                // What both layouts have was reported by them; this is about the card at hand.
                obstacles.append(Fault("migrate.not-open", ["place": path], at: file.file.place))
                continue
            }
            let name = "\(directory.name).\(file.file.name)"
            let doubt = DoubtfulPlaces(
                dump.damaged(directory.name, file.file.name), pieces: planner.readPiece(of: file.compiled),
                copied: file.file.elements.filter { merged.isCopied($0, of: file.file, at: name) })
            let readings = readings(wanted, of: file, path, outcome, doubt)
            for reading in readings {
                let places = doubt.places(in: reading).map(String.init)
                let faults = doubtful.filter { fault in
                    fault.parameters["file"] == name && places.contains(fault.parameters["number"] ?? "")
                }
                doubtful.removeAll { faults.contains($0) }
                if doubt.isCopied(reading) { obstacles += faults.map { $0.located(at: file.file.place) } }
            }
            if !readings.isEmpty { changes.append(Change(file: file, readings: readings)) }
        }
        return changes
    }

    /// What the file shall hold: the image, in the records that the card has, and blanks where a meaning went.
    private func wanted(
        of file: CardPlanner.LayoutFile, in directory: CompiledDirectory, _ image: CardImage, _ merged: MigrationValues
    ) throws(Faults) -> CardImage.Content? {
        let content = image.file(directory.name, file.file.name)?.content
        if case .bytes? = content { return content }
        if case .cyclic = file.file.structure { return content }
        var records: [CardImage.Record] = []
        if case .records(let written)? = content { records = written }
        for element in file.file.elements {
            guard let isLater = merged.blanked["\(directory.name).\(file.file.name).\(element.name)"] else { continue }
            records.append(
                isLater
                    ? try file.file.record(of: element, laterMeaning: nil) : file.file.blankRecord(of: element))
        }
        if let before = old.directory(directory.name)?.file(file.file.name)?.file,
            let rule = RecordRule(before, file.file)
        {
            records = try rule.records(records)
        }
        if isNewFile(file, of: directory) {
            let numbers = Set(records.map(\.number))
            let blanks = planner.blankRecords(directory, file.file).filter { !numbers.contains($0.number) }
            records = (records + blanks).sorted { $0.number < $1.number }
        }
        return records.isEmpty ? nil : .records(records)
    }

    /// Whether the records of the file have to be made in an application that stands, the blank ones as well.
    private func isNewFile(_ file: CardPlanner.LayoutFile, of directory: CompiledDirectory) -> Bool {
        guard new.profile.globalPlatform?.storeData.blankRecords == true, let before = old.directory(directory.name)
        else { return false }
        return before.file(file.file.name) == nil
    }

    /// What is to be written and read back, where the card holds something else, or warned of what it holds and the value is not its own.
    private func readings(
        _ wanted: CardImage.Content, of file: CardPlanner.LayoutFile, _ path: String, _ outcome: FileReading.Outcome?,
        _ doubt: DoubtfulPlaces
    ) -> [CardPlanner.Reading] {
        switch wanted {
        case .records(let records):
            var held: [[UInt8]] = []
            if case .records(let found) = outcome { held = found }
            return records.compactMap { record in
                let reading = CardPlanner.Reading(
                    file: file.file, compiled: file.compiled, number: record.number, offset: 0, bytes: record.bytes,
                    right: record.tag.flatMap { file.compiled.recordReadBytes[$0] } ?? file.compiled.readByte,
                    subject: "\(path)/\(record.element)")
                let isHeld = held.indices.contains(record.number - 1) && held[record.number - 1] == record.bytes
                return isHeld && !doubt.isToRewrite(reading) ? nil : reading
            }
        case .bytes(let bytes):
            var held: [UInt8] = []
            if case .bytes(let found) = outcome { held = found }
            // What is read back in one piece is written by one command; a piece that stands there already by none.
            let piece = min(planner.readPiece(of: file.compiled), planner.writePiece(of: file.compiled))
            return stride(from: 0, to: bytes.count, by: piece).compactMap { start in
                let end = min(start + piece, bytes.count)
                let reading = CardPlanner.Reading(
                    file: file.file, compiled: file.compiled, number: nil, offset: start,
                    bytes: Array(bytes[start..<end]),
                    right: file.compiled.readByte, subject: path)
                let isHeld = held.count >= end && held[start..<end] == bytes[start..<end]
                return isHeld && !doubt.isToRewrite(reading) ? nil : reading
            }
        }
    }

    func writing(_ changes: [Change], _ directory: CompiledDirectory) throws -> [PlanStep] {
        var steps = try entering(directory)
        var state: UInt8 = 0
        for right in Set(changes.map(\.file.compiled.writeByte)).sorted() {
            let path = AccessPath.find(
                right: right, from: state, own: directory.security, inherited: nil
            ) { presentation in
                if case .pin = presentation { false } else { !presentation.record.isMaster }
            }
            guard let path else {
                throw Faults("plan.cannot-write", ["directory": directory.name], at: directory.directory?.place)
            }
            for presentation in path { steps += planner.authentication(with: presentation.record) }
            state = path.last?.record.reachedState ?? state
            for change in changes where change.file.compiled.writeByte == right {
                steps += try writing(change)
            }
        }
        let readable = changes.flatMap(\.readings).filter { opens($0, in: directory, withPIN: false) }
        return steps + (try planner.readBack(readable, of: directory, from: state, withPIN: nil))
    }

    func entering(_ directory: CompiledDirectory) throws -> [PlanStep] {
        let parent = directory.directory?.parent.flatMap(new.directory)
        return try [parent, directory].compactMap { $0 }.map { try planner.selection(of: $0) }
    }

    /// One command for each record or piece; the file is selected once, where pieces lie behind what its short identifier reaches.
    private func writing(_ change: Change) throws -> [PlanStep] {
        let file = change.file.file
        var steps: [PlanStep] = []
        var isSelected = false
        for reading in change.readings {
            if reading.number == nil, reading.offset > 0xFF, !isSelected {
                isSelected = true
                steps.append(
                    planner.step(
                        try planner.commands.select(identifier: file.identifier), .selectFile, reading.subject,
                        at: file.place))
            }
            let command =
                if let number = reading.number {
                    try planner.commands.updateRecord(number, of: file, reading.bytes)
                } else {
                    try planner.commands.updateBinary(
                        offset: reading.offset, of: file.shortIdentifier, reading.bytes)
                }
            steps += planner.steps(command, to: reading.compiled, .writeElement, reading.subject, at: file.place)
        }
        return steps
    }
}

extension FileReading.Outcome {
    /// Whether what the file holds was seen; what was not must not be written over.
    fileprivate var isKnown: Bool {
        switch self {
        case .records, .bytes, .neverWritten: true
        case .notOpen, .protected, .absent, .refused: false
        }
    }
}
