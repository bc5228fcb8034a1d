public import CardApplication
public import CardData
public import CardLayout
import IssuerKeys

/// Plans the way of an issued card from the layout it was made by to another: what can be written anew, what can be created, and what cannot be.
///
/// New directories below the master file are created under the card's master key with their files and keys; values that differ are written under the
/// update keys and read back, the issuer's data with the version last, so that a card says it is of the new layout only when it is. Cyclic files are
/// left as they are. What only the holder's PIN opens is read back at the very end, where the PIN was given, and told where it was not: the plan,
/// which a torn card goes on with, is the same either way. Where a tag's meaning changed, its record keeps its length, and the new meaning is filled
/// at the right with the hex digit E (file structure V2.0, appendix C).
public struct MigrationPlanner {
    private let old: CompiledCard
    private let new: CompiledCard
    private let encoder: PersonImageEncoder
    private let planner: CardPlanner

    /// A planner from one layout to another.
    ///
    /// - Parameters:
    ///   - encoder: the new layout's.
    ///   - readerTakes: the most data bytes that the reader takes; nil for a reader that takes whatever the card does.
    public init(
        from old: CompiledCard, to new: CompiledCard, encoder: PersonImageEncoder, readerTakes: Int? = nil
    ) {
        self.old = old
        self.new = new
        self.encoder = encoder
        planner = CardPlanner(new, readerTakes: readerTakes)
    }

    /// The migration of one card.
    ///
    /// - Parameters:
    ///   - dump: what the card holds, read by the old layout.
    ///   - values: values to write beside the card's own, by the new layout's names.
    ///   - pinLength: bytes of the PIN as packed digits, where the holder gives it for reading back.
    /// - Throws: every fault of the values.
    public func plan(
        for dump: CardDump, values: [String: String] = [:], pinLength: Int? = nil
    ) throws(Faults) -> CardMigration {
        // STORE DATA ends with the application's personalisation: what stands there is not written again. Deleted and installed anew an
        // application has lost what nobody can give it back: the log that the card wrote itself, and a PIN that only its holder knows.
        if let domain = old.profile.globalPlatform ?? new.profile.globalPlatform {
            throw Faults("globalplatform.no-migration", ["profile": domain.name], at: domain.place)
        }
        var obstacles = LayoutObstacles(old: old, new: new).found()
        let merged = MigrationValues(dump, from: old.layout, to: new.layout, given: values)
        let image = try encoder.encode(merged.merged)
        var stages: [PlanStage] = []
        var readBack: [PlanStage] = []
        var unread: [String] = []
        var created: [String] = []
        var free = old.profile.memorySize - old.masterFile.space
        // Directories that an earlier migration made stand beside those of the old layout.
        let standing = new.directories.filter { old.directory($0.name) != nil || isComplete($0, dump) }
        do {
            for directory in new.directories where !standing.contains(directory) {
                let faults = obstaclesOfCreation(directory, dump, free: free)
                obstacles += faults
                guard faults.isEmpty else { continue }
                free -= directory.space
                created.append(directory.name)
                stages.append(PlanStage(.creation(directory.name), try creating(directory, image)))
                let (steps, unreadable) = try planner.personalization(of: directory, image)
                if let reading = unreadable.first {
                    obstacles.append(
                        Fault("plan.cannot-read-back", ["place": reading.subject], at: directory.directory?.place))
                }
                stages.append(PlanStage(.directory(directory.name), steps))
            }
            // The environment comes last: its version says that the rest is done.
            for directory in standing.reversed() {
                let changes = try changes(of: directory, image, dump, merged, &obstacles)
                guard !changes.isEmpty else { continue }
                stages.append(PlanStage(.directory(directory.name), try writing(changes, directory)))
                let (opened, closed) = behindPIN(changes, directory, isGiven: pinLength != nil)
                unread += closed.map(\.subject)
                guard !opened.isEmpty else { continue }
                readBack.append(
                    PlanStage(
                        .pinProtected(directory.name), try reading(opened, of: directory, withPIN: pinLength)))
            }
            stages = try planner.reachable(stages)
        } catch let faults as Faults {
            throw faults
        } catch {
            throw Faults("plan.command-too-long", at: new.layout.place)
        }
        let name = "\(old.layout.name) → \(new.layout.name)"
        let whole = plan(name, stages)
        try whole.checkThatTheReaderTakesIt()
        return CardMigration(
            plan: whole, readBack: plan(name, readBack), unread: unread.uniqued(), obstacles: obstacles,
            newDirectories: created,
            keptDirectories: old.directories.map(\.name).filter { new.directory($0) == nil })
    }

    private func plan(_ name: String, _ stages: [PlanStage]) -> CardPlan {
        CardPlan(
            layoutName: name, profile: new.profile, stages: stages,
            minimumCommandCount: nil, largestBlock: planner.largestBlock)
    }

    // MARK: - New directories

    /// Whether the card has a directory with all its files and records, as far as it let itself be read.
    private func isComplete(_ directory: CompiledDirectory, _ dump: CardDump) -> Bool {
        planner.files(of: directory).allSatisfy { file in
            let count = planner.blankRecords(directory, file.file).count
            switch dump[directory.name, file.file.name] {
            case .records(let records)?: return records.count >= count
            case .bytes?: return count == 0
            case .neverWritten?: return count == 0
            case .notOpen?, .protected?, .absent?, .refused?, nil: return false
            }
        }
    }

    private func obstaclesOfCreation(_ directory: CompiledDirectory, _ dump: CardDump, free: Int) -> [Fault] {
        let place = directory.directory?.place
        if dump.readings.contains(where: { $0.directory == directory.name }) {
            return [Fault("migrate.half-made", ["directory": directory.name], at: place)]
        }
        if new.profile.commands[.endDirectory] != nil || new.profile.commands[.endCard] != nil {
            return [
                Fault(
                    "migrate.creation-ended", ["directory": directory.name, "profile": new.profile.name], at: place)
            ]
        }
        guard directory.directory?.parent == nil, directory.space <= free else {
            return [
                Fault("migrate.no-room", ["place": directory.name, "needed": String(directory.space)], at: place)
            ]
        }
        return []
    }

    /// Under the card's master key; then files, keys and records, as for a new card.
    private func creating(_ directory: CompiledDirectory, _ image: CardImage) throws -> [PlanStep] {
        guard let masterKey = new.masterFile.security.masterKey else {
            throw Faults("plan.no-master-file", ["profile": new.profile.name], at: new.profile.place)
        }
        var steps = [try selectionOfMasterFile()]
        steps += planner.authentication(with: masterKey)
        steps.append(try planner.creation(of: directory))
        return steps + (try planner.content(of: directory, image, children: []))
    }

    private func selectionOfMasterFile() throws -> PlanStep {
        let master = new.masterFile
        return planner.step(
            try planner.commands.selectMasterFile(), .selectDirectory, master.name, at: master.security.place)
    }

    // MARK: - Values written anew

    /// A file with what is to be written to it.
    private struct Change {
        let file: CardPlanner.LayoutFile
        let readings: [CardPlanner.Reading]
    }

    private func changes(
        of directory: CompiledDirectory, _ image: CardImage, _ dump: CardDump, _ merged: MigrationValues,
        _ obstacles: inout [Fault]
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
            let readings = readings(wanted, of: file, path, outcome)
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
        return records.isEmpty ? nil : .records(records)
    }

    /// What is to be written and read back, where the card holds something else.
    private func readings(
        _ wanted: CardImage.Content, of file: CardPlanner.LayoutFile, _ path: String, _ outcome: FileReading.Outcome?
    ) -> [CardPlanner.Reading] {
        switch wanted {
        case .records(let records):
            var held: [[UInt8]] = []
            if case .records(let found) = outcome { held = found }
            return records.filter { record in
                !held.indices.contains(record.number - 1) || held[record.number - 1] != record.bytes
            }.map { record in
                CardPlanner.Reading(
                    file: file.file, compiled: file.compiled, number: record.number, offset: 0, bytes: record.bytes,
                    right: record.tag.flatMap { file.compiled.recordReadBytes[$0] } ?? file.compiled.readByte,
                    subject: "\(path)/\(record.element)")
            }
        case .bytes(let bytes):
            var held: [UInt8] = []
            if case .bytes(let found) = outcome { held = found }
            // What is read back in one piece is written by one command; a piece that stands there already by none.
            let piece = min(planner.readPiece(of: file.compiled), planner.writePiece(of: file.compiled))
            return stride(from: 0, to: bytes.count, by: piece).compactMap { start in
                let end = min(start + piece, bytes.count)
                if held.count >= end, held[start..<end] == bytes[start..<end] { return nil }
                return CardPlanner.Reading(
                    file: file.file, compiled: file.compiled, number: nil, offset: start,
                    bytes: Array(bytes[start..<end]),
                    right: file.compiled.readByte, subject: path)
            }
        }
    }

    private func writing(_ changes: [Change], _ directory: CompiledDirectory) throws -> [PlanStep] {
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
            state = path.last?.record.nextState ?? state
            for change in changes where change.file.compiled.writeByte == right {
                steps += try writing(change)
            }
        }
        let readable = changes.flatMap(\.readings).filter { opens($0, in: directory, withPIN: false) }
        return steps + (try planner.readBack(readable, of: directory, from: state, withPIN: nil))
    }

    private func entering(_ directory: CompiledDirectory) throws -> [PlanStep] {
        let parent = directory.directory?.parent.flatMap(new.directory)
        return try [parent, directory].compactMap { $0 }.map { try planner.selection(of: $0) }
    }

    // MARK: - What only the PIN opens

    private func opens(_ reading: CardPlanner.Reading, in directory: CompiledDirectory, withPIN: Bool) -> Bool {
        planner.path(to: reading.right, from: 0, in: directory, withPIN: withPIN) != nil
    }

    /// What of the changes no key opens: what the PIN does, where it is given, and what stays closed.
    private func behindPIN(
        _ changes: [Change], _ directory: CompiledDirectory, isGiven: Bool
    ) -> (opened: [CardPlanner.Reading], closed: [CardPlanner.Reading]) {
        changes.flatMap(\.readings).filter { !opens($0, in: directory, withPIN: false) }
            .partitioned { isGiven && opens($0, in: directory, withPIN: true) }
    }

    /// Comparing it, from wherever the plan has left the card.
    private func reading(
        _ readings: [CardPlanner.Reading], of directory: CompiledDirectory, withPIN pinLength: Int?
    ) throws -> [PlanStep] {
        [try selectionOfMasterFile()] + (try entering(directory))
            + (try planner.readBack(readings, of: directory, from: 0, withPIN: pinLength))
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
