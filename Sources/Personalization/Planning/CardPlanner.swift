import CardApplication
public import CardData
public import CardLayout
import ISO7816
import IssuerKeys

/// Makes the plan for one card: layout, profile and a person's image go in, steps come out; nothing else happens.
///
/// Order: files, keys and records of every directory, each in one stay, records with their values where the card operating system takes them
/// so; then directory by directory what is left of the person's data and the read-back of everything; then the PIN and what only the PIN
/// opens; the lock last.
public struct CardPlanner {
    let compiled: CompiledCard
    let commands: CardCommands
    private let blank: CardImage
    var profile: COSProfile { compiled.profile }
    /// The most data bytes that the card system and the reader take in one command.
    let largestBlock: Int

    /// A planner for a layout on a profile.
    ///
    /// - Parameter readerTakes: the most data bytes that the reader takes (``CardChannel/largestCommandData``); nil for a reader that takes
    ///   whatever the card does.
    public init(_ compiled: CompiledCard, readerTakes: Int? = nil) {
        self.compiled = compiled
        largestBlock = min(compiled.profile.largestCommandData, readerTakes ?? compiled.profile.largestCommandData)
        commands = CardCommands(profile: compiled.profile)
        blank = .blank(of: compiled.layout)
    }

    /// The plan that puts `image` on a blank card.
    ///
    /// - Parameter pinLength: bytes of the PIN as packed digits.
    public func plan(for image: CardImage, pinLength: Int) throws(Faults) -> CardPlan {
        guard profile.pinLength.contains(pinLength) else {
            throw Faults(
                "plan.pin-length",
                [
                    "profile": profile.name, "length": String(pinLength),
                    "least": String(profile.pinLength.lowerBound), "most": String(profile.pinLength.upperBound),
                ], at: profile.place)
        }
        if let domain = profile.globalPlatform {
            let plan = try GlobalPlatformPlanner(compiled, domain, largestBlock: largestBlock).plan(for: image)
            // Fixed commands and keys travel whole on such a card too.
            try plan.checkThatTheReaderTakesIt()
            return plan
        }
        do {
            var stages = [PlanStage(.initialization, try initialization(image))]
            var deferred: [(CompiledDirectory, [Reading])] = []
            for directory in compiled.directories {
                let (steps, unreadable) = try personalization(of: directory, image)
                stages.append(PlanStage(.directory(directory.name), steps))
                if !unreadable.isEmpty { deferred.append((directory, unreadable)) }
            }
            stages += try pinStages(length: pinLength)
            for (directory, readings) in deferred {
                let steps = try readBack(readings, of: directory, from: 0, withPIN: pinLength)
                stages.append(
                    PlanStage(.pinProtected(directory.name), [try selection(of: directory)] + steps))
            }
            stages.append(PlanStage(.lock, try lock()))
            let plan = CardPlan(
                layoutName: compiled.layout.name, profile: profile, stages: try reachable(stages),
                minimum: minimum(image),
                largestBlock: largestBlock)
            try plan.checkThatTheReaderTakesIt()
            return plan
        } catch let faults as Faults {
            throw faults
        } catch {
            throw Faults("plan.command-too-long", at: compiled.layout.place)
        }
    }

    /// Bytes that one command writes to a file.
    func writePiece(of file: CompiledFile) -> Int { file.largestWrite(profile, within: largestBlock) }

    /// Bytes that one command reads of a file.
    func readPiece(of file: CompiledFile) -> Int { file.largestRead(profile) }

    // MARK: - Files

    /// A file of the layout with its access bytes.
    struct LayoutFile {
        let compiled: CompiledFile
        let file: ElementaryFile
    }

    func files(of directory: CompiledDirectory) -> [LayoutFile] {
        directory.files.compactMap { compiled in compiled.file.map { LayoutFile(compiled: compiled, file: $0) } }
    }

    func blankRecords(_ directory: CompiledDirectory, _ file: ElementaryFile) -> [CardImage.Record] {
        blank.records(directory.name, file.name)
    }

    /// The record that the making of each record of a file brings, in their order, and whether it is a blank one.
    func firstRecords(
        _ directory: CompiledDirectory, _ file: ElementaryFile, _ image: CardImage
    ) -> [(record: CardImage.Record, isBlank: Bool)] {
        let values = image.records(directory.name, file.name)
        return blankRecords(directory, file).map { blank in
            guard isMadeWithValue(blank, directory, file),
                let value = values.first(where: { $0.number == blank.number })
            else { return (blank, true) }
            return (value, false)
        }
    }

    /// What is left to write to a file once it is made; nil for nothing.
    func laterContent(_ directory: CompiledDirectory, _ file: ElementaryFile, _ image: CardImage) -> CardImage.Content?
    {
        let content = image.file(directory.name, file.name)?.content
        guard case .records(let records) = content, !blankRecords(directory, file).isEmpty else { return content }
        let left = records.filter { !isMadeWithValue($0, directory, file) }
        return left.isEmpty ? nil : .records(left)
    }

    /// Whether a record of a file that has blanks comes with its value.
    ///
    /// The identification code never does: blank until the environment's own stage, it tells everybody that a card which was torn while its
    /// files were made is none yet.
    private func isMadeWithValue(
        _ record: CardImage.Record, _ directory: CompiledDirectory, _ file: ElementaryFile
    ) -> Bool {
        guard profile.recordCreation == .withValue else { return false }
        let environment = compiled.layout.directories.first
        let isCode =
            directory.name == environment?.name && file.name == environment?.files.first?.name && record.number == 1
        return !isCode
    }

    // MARK: - Shared steps

    func step(
        _ command: CommandAPDU, _ kind: Purpose.Kind, _ subject: String = "", at place: SourcePlace?
    ) -> PlanStep {
        PlanStep(.fixed(command), .success, Purpose(kind, subject), at: place)
    }

    /// A command that reads or writes a file: in plain, or behind a challenge of its own where the file asks for protection.
    func steps(
        _ command: CommandAPDU, to file: CompiledFile, _ kind: Purpose.Kind, _ subject: String,
        expecting expectation: PlanStep.Expectation = .success, at place: SourcePlace?
    ) -> [PlanStep] {
        guard let operation = file.protected(command) else {
            return [PlanStep(.fixed(command), expectation, Purpose(kind, subject), at: place)]
        }
        return [
            challenge(profile.secureMessaging.challengeLength, for: subject, at: place),
            PlanStep(operation, expectation, Purpose(kind, subject), at: place),
        ]
    }

    func challenge(_ count: Int, for subject: String, at place: SourcePlace?) -> PlanStep {
        PlanStep(.fixed(commands.getChallenge(count)), .challenge(count), Purpose(.takeChallenge, subject), at: place)
    }

    func selection(of directory: CompiledDirectory) throws -> PlanStep {
        step(
            try commands.select(identifier: directory.identifier), .selectDirectory, directory.name,
            at: directory.directory?.place)
    }

    /// The challenges and EXTERNAL AUTHENTICATE of one key record; 主控 in the plain form, all others in the session form.
    func authentication(with record: KeyRecord, as key: CardKeyReference? = nil) -> [PlanStep] {
        let form: CardOperation.AuthenticationForm =
            record.isMaster || !profile.authenticationForms.contains(16) ? .plain : .session
        let reference = key ?? .issuer(KeyName(rawValue: record.name))
        let count = form.challengeLength(profile: profile)
        return Array(
            repeating: challenge(count, for: record.name, at: record.place), count: form == .plain ? 1 : 2)
            + [
                PlanStep(
                    .authenticate(reference, identifier: record.reference, form: form), .success,
                    Purpose(.authenticate, record.name), at: record.place)
            ]
    }
}

extension CardPlan {
    /// Records and keys travel whole: a reader that takes less than the longest of them makes no such card.
    ///
    /// Throws `plan.reader-takes-less`.
    func checkThatTheReaderTakesIt() throws(Faults) {
        let longest = longestCommandData
        guard longest > largestBlock else { return }
        throw Faults("plan.reader-takes-less", ["needed": String(longest), "takes": String(largestBlock)])
    }
}
