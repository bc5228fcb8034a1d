public import CardApplication
public import CardData
public import CardLayout
import IssuerKeys

/// Plans the way of an issued card from the layout it was made by to another: what can be written anew, what can be created, and what cannot be.
///
/// New directories below the master file are created under the card's master key with their files and keys; values that differ are written under the
/// update keys and read back, the issuer's data with the version last, so that a card says it is of the new layout only when it is. Cyclic files are
/// left as they are. What the card warns of (6281) is never copied: such a plan has an obstacle; a value that is given is written over it, and
/// what is neither stays as it is. What only the holder's PIN opens is read back at the very end, where the PIN was given, and told where it was not: the plan,
/// which a torn card goes on with, is the same either way. Where a tag's meaning changed, its record keeps its length, and the new meaning is filled
/// at the right with the hex digit E (file structure V2.0, appendix C).
public struct MigrationPlanner {
    let old: CompiledCard
    let new: CompiledCard
    private let encoder: PersonImageEncoder
    let planner: CardPlanner

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
        var obstacles = LayoutObstacles(old: old, new: new).found()
        let merged = MigrationValues(dump, from: old.layout, to: new.layout, given: values)
        let image = try encode(merged, dump)
        var stages: [PlanStage] = []
        var readBack: [PlanStage] = []
        var unread: [String] = []
        var created: [CompiledDirectory] = []
        var changed: [Changed] = []
        var opened: [Changed] = []
        var doubtful = dump.damage(by: old.layout)
        // Directories that an earlier migration made stand beside those of the old layout.
        let standing = new.directories.filter { old.directory($0.name) != nil || isComplete($0, dump) }
        var free = freeSpace(beside: standing)
        if let domain = new.profile.globalPlatform {
            return try applications(of: domain, standing, image, dump, merged, obstacles, doubtful)
        }
        do {
            for directory in new.directories where !standing.contains(directory) {
                let faults = obstaclesOfCreation(directory, dump, free: free)
                obstacles += faults
                guard faults.isEmpty else { continue }
                free -= directory.space
                created.append(directory)
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
                let changes = try changes(of: directory, image, dump, merged, &obstacles, &doubtful)
                guard !changes.isEmpty else { continue }
                stages.append(PlanStage(.directory(directory.name), try writing(changes, directory)))
                changed.append(Changed(directory: directory, changes: changes))
                let (readings, closed) = behindPIN(changes, directory, isGiven: pinLength != nil)
                unread += closed.map(\.subject)
                guard !readings.isEmpty else { continue }
                opened.append(Changed(directory: directory, changes: changes))
                readBack.append(
                    PlanStage(
                        .pinProtected(directory.name), try reading(readings, of: directory, withPIN: pinLength)))
            }
            stages = try planner.reachable(stages)
        } catch let faults as Faults {
            throw faults
        } catch {
            throw Faults("plan.command-too-long", at: new.layout.place)
        }
        let name = "\(old.layout.name) → \(new.layout.name)"
        let whole = plan(name, stages, minimum(creating: created, image, changing: changed))
        try whole.checkThatTheReaderTakesIt()
        return CardMigration(
            plan: whole, readBack: plan(name, readBack, minimum(readingBack: opened)), unread: unread.uniqued(),
            doubtful: doubtful,
            obstacles: obstacles, newDirectories: created.map(\.name), keptDirectories: keptDirectories)
    }

    /// What is left of the card's memory beside the old layout and what an earlier migration made.
    func freeSpace(beside standing: [CompiledDirectory]) -> Int {
        let added = standing.filter { old.directory($0.name) == nil }
        return old.profile.memorySize - old.masterFile.space - added.reduce(0) { $0 + $1.space }
    }

    var keptDirectories: [String] { old.directories.map(\.name).filter { new.directory($0) == nil } }

    /// The image of what the card shall hold; where its own values are in the way, what it warned of is told beside them.
    ///
    /// A version that the new layout accepts stays as well, where the card does not warn of it.
    private func encode(_ merged: MigrationValues, _ dump: CardDump) throws(Faults) -> CardImage {
        let content = dump.content(by: old.layout)
        let isDoubtful = content.damaged["SSSE"]?["EF05"]?.contains("specificationVersion") ?? false
        let version = isDoubtful ? nil : content["SSSE", "EF05", "specificationVersion"]?.text
        do throws(Faults) {
            return try encoder.keeping(version: version).encode(merged.merged)
        } catch {
            throw Faults(error.faults + dump.damage(by: old.layout)) ?? error
        }
    }

    func plan(_ name: String, _ stages: [PlanStage], _ minimum: CommandMinimum) -> CardPlan {
        CardPlan(
            layoutName: name, profile: new.profile, stages: stages,
            minimum: minimum, largestBlock: planner.largestBlock)
    }

    // MARK: - New directories

    /// Whether the card has a directory with all its files and records, as far as it let itself be read.
    private func isComplete(_ directory: CompiledDirectory, _ dump: CardDump) -> Bool {
        // An application gives nothing before it is personalised; where blank records are not sent, it may have any number of them.
        let hasBlanks = new.profile.globalPlatform?.storeData.blankRecords ?? true
        return planner.files(of: directory).allSatisfy { file in
            let count = hasBlanks ? planner.blankRecords(directory, file.file).count : 0
            switch dump[directory.name, file.file.name] {
            case .records(let records)?: return records.count >= count
            case .bytes?: return count == 0
            case .neverWritten?: return count == 0
            case .notOpen?, .protected?, .absent?, .refused?, nil: return false
            }
        }
    }

    func obstaclesOfCreation(_ directory: CompiledDirectory, _ dump: CardDump, free: Int) -> [Fault] {
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
        // Applications of a security domain stand side by side, whatever the layout has them in.
        let isReached = directory.directory?.parent == nil || new.profile.globalPlatform != nil
        guard isReached, directory.space <= free else {
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

    func selectionOfMasterFile() throws -> PlanStep {
        let master = new.masterFile
        return planner.step(
            try planner.commands.selectMasterFile(), .selectDirectory, master.name, at: master.security.place)
    }
}
