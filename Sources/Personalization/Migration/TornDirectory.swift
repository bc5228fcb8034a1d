import CardApplication
import CardLayout
import ISO7816
import IssuerKeys

/// A directory that was torn while it was made on an issued card: compares it with the journal and opens it for the rest of its steps.
///
/// The journal is at most one step behind the card, so that one step is in doubt and all before it are certain. A directory that was entered empty
/// is free for everything during that stay; entered again, it asks for its master key before files and for the files' keys before records.
final class TornDirectory {
    private let steps: [PlanStep]
    private let directory: CompiledDirectory
    private let compiled: CompiledCard
    private let conversation: CardConversation
    private let planner: CardPlanner
    /// The access byte that what was last presented opens; nil while the directory is free, or for the master key.
    private var opened: UInt8?
    private var isFree = true

    init(
        _ steps: [PlanStep], of directory: CompiledDirectory, compiled: CompiledCard, conversation: CardConversation
    ) {
        self.steps = steps
        self.directory = directory
        self.compiled = compiled
        self.conversation = conversation
        planner = CardPlanner(compiled)
    }

    /// Presents what a step needs in a directory that is not free any more.
    func prepare(_ step: PlanStep) throws(CardError) {
        guard !isFree, let master = directory.security.masterKey else { return }
        switch step.purpose.kind {
        case .createFile, .writeFileControlInformation:
            guard opened != nil else { return }
            try present(master)
            opened = nil
        // The challenge of a protected record goes before it, and a presentation before the challenge.
        case .writeBlankRecord, .writeElement, .takeChallenge:
            let path = step.purpose.subject.split(separator: "/")
            guard path.count > 1, let right = directory.file(String(path[1]))?.writeByte, opened != right else {
                return
            }
            let ways = AccessPath.find(right: right, from: 0, own: directory.security, inherited: nil) { way in
                if case .pin = way { false } else { !way.record.isMaster }
            }
            for way in ways ?? [] { try present(way.record) }
            opened = right
        default: return
        }
    }

    private func present(_ record: KeyRecord) throws(CardError) {
        for step in planner.authentication(with: record) {
            try conversation.perform(step.operation, wantsAnswer: step.operation.isChallenge)
        }
    }

    /// Where the stage goes on after `finished` certain steps; the master file is selected and nothing presented.
    func entry(stage: Int, finished: Int) throws -> PlanRunner.Entry {
        guard finished <= steps.count else { throw PersonalizationError.planHasChanged }
        guard let creation = first(.createDirectory), let keyFile = first(.createKeyFile),
            let firstKey = steps.firstIndex(where: \.bringsKey)
        else { throw PersonalizationError.planHasChanged }
        guard try select() else {
            guard finished <= creation else { throw PersonalizationError.notAsLeft(found: nil) }
            return PlanRunner.Entry(stage: stage)
        }
        // A directory that stands there before our command was sent is somebody else's.
        guard finished >= creation else { throw PersonalizationError.notAsLeft(found: nil) }
        if finished < keyFile { return PlanRunner.Entry(stage: stage, step: creation + 1) }
        if finished == keyFile { return try entry(stage: stage, intoKeyFile: keyFile) }
        if finished < firstKey { throw PersonalizationError.directoryLost(directory.name) }
        isFree = false
        var next = finished
        if finished == firstKey {
            // Without its first key nobody has any right in the directory any more.
            guard try authenticate(as: firstMaster).isSuccess else {
                throw PersonalizationError.directoryLost(directory.name)
            }
            next += 1
        } else {
            next = try open(after: finished)
        }
        if let firstFile = first(.createFile), next > firstFile { next = try compared(next) }
        let doubtful = next == finished && steps.indices.contains(next) && steps[next].makes ? next : nil
        return PlanRunner.Entry(stage: stage, step: beginning(of: next), doubtfulStep: doubtful)
    }

    // MARK: - Keys

    /// The key file stands or not: while it does not, the directory is empty and free, and it is made now.
    private func entry(stage: Int, intoKeyFile step: Int) throws -> PlanRunner.Entry {
        let response = try conversation.send(steps[step].operation, wantsAnswer: false)
        guard response.statusWord.isSuccess else { throw PersonalizationError.directoryLost(directory.name) }
        return PlanRunner.Entry(stage: stage, step: step + 1)
    }

    /// Presents the master key that the directory has after so many steps.
    ///
    /// - Returns: the first step that is not done.
    private func open(after finished: Int) throws -> Int {
        guard let record = directory.security.masterKey else { throw PersonalizationError.planHasChanged }
        let master = CardKeyReference.issuer(KeyName(rawValue: record.name))
        guard let replacement = first(.replaceMaster), finished <= replacement else {
            try demand(authenticate(as: master), master)
            return finished
        }
        guard finished == replacement else {
            try demand(authenticate(as: firstMaster), firstMaster)
            return finished
        }
        let answer = try authenticate(as: master)
        if answer.isSuccess { return finished + 1 }
        guard let tries = answer.triesLeft, tries > 1, try select() else {
            throw conversation.refusal(of: .authenticate(master, identifier: record.reference, form: .plain), answer)
        }
        try demand(authenticate(as: firstMaster), firstMaster)
        return finished
    }

    /// What the first key of the directory is before it is replaced.
    private var firstMaster: CardKeyReference {
        if first(.replaceMaster) != nil { return .transport(compiled.profile.transportKey) }
        return .issuer(KeyName(rawValue: directory.security.masterKey?.name ?? ""))
    }

    private func authenticate(as key: CardKeyReference) throws -> StatusWord {
        guard let record = directory.security.masterKey else { throw PersonalizationError.planHasChanged }
        let operations = planner.authentication(with: record, as: key).map(\.operation)
        for challenge in operations.dropLast() { try conversation.perform(challenge) }
        guard let last = operations.last else { throw PersonalizationError.planHasChanged }
        return try conversation.send(last).statusWord
    }

    private func demand(_ answer: StatusWord, _ key: CardKeyReference) throws {
        guard answer.isSuccess else {
            let identifier = directory.security.masterKey?.reference ?? 0
            throw conversation.refusal(of: .authenticate(key, identifier: identifier, form: .plain), answer)
        }
    }

    // MARK: - Files

    /// Compares what lies in the directory with the steps that are certain, and opens it again.
    ///
    /// - Returns: the first step that is not done.
    private func compared(_ next: Int) throws -> Int {
        try conversation.perform(.fixed(planner.commands.selectMasterFile()), wantsAnswer: false)
        let readings = try CardReader(conversation, compiled, presentsKeys: true).read(directories: [directory.name])
        var next = next
        for file in planner.files(of: directory) {
            let path = "\(directory.name)/\(file.file.name)"
            guard let creation = steps.firstIndex(where: { $0.purpose == Purpose(.createFile, path) }), creation < next
            else { continue }
            let planned = steps.compactMap { $0.record(madeIn: path) }
            let certain = steps[..<next].count { $0.record(madeIn: path) != nil }
            let outcome = readings.first { $0.file == file.file.name }?.outcome
            switch outcome {
            case .bytes where planned.isEmpty: break
            case .neverWritten where certain == 0: break
            case .records(let records) where records == Array(planned.prefix(records.count)):
                guard records.count != certain else { break }
                let isInDoubt = steps.indices.contains(next) && steps[next].record(madeIn: path) != nil
                guard isInDoubt, records.count == certain + 1 else { throw PersonalizationError.notAsLeft(found: nil) }
                next += 1
            default: throw PersonalizationError.notAsLeft(found: nil)
            }
        }
        try conversation.perform(.fixed(planner.commands.selectMasterFile()), wantsAnswer: false)
        guard try select(), let record = directory.security.masterKey else {
            throw PersonalizationError.notAsLeft(found: nil)
        }
        let master = CardKeyReference.issuer(KeyName(rawValue: record.name))
        try demand(authenticate(as: master), master)
        return next
    }

    // MARK: -

    private func first(_ kind: Purpose.Kind) -> Int? { steps.firstIndex { $0.purpose.kind == kind } }

    private func select() throws -> Bool {
        try conversation.send(planner.selection(of: directory).operation, wantsAnswer: false).statusWord.isSuccess
    }

    /// A command that needs a challenge begins with it.
    private func beginning(of step: Int) -> Int {
        var step = step
        while step > 0, steps.indices.contains(step), steps[step].needsChallenge || steps[step].takesChallenge,
            steps[step - 1].takesChallenge
        { step -= 1 }
        return step
    }
}

extension CardOperation {
    fileprivate var isChallenge: Bool {
        if case .fixed(let command) = self { command.ins == 0x84 } else { false }
    }
}

extension PlanStep {
    /// Whether the step puts a key into a key file.
    fileprivate var bringsKey: Bool {
        switch purpose.kind {
        case .loadTransportKey, .replaceMaster, .loadKey: true
        default: false
        }
    }

    /// Whether the step makes something that a second one of its kind finds there.
    fileprivate var makes: Bool { purpose.kind == .createFile || purpose.kind == .loadKey }

    fileprivate var takesChallenge: Bool { purpose.kind == .takeChallenge }

    fileprivate var needsChallenge: Bool {
        switch operation {
        case .authenticate, .writeKey, .protected: true
        case .fixed, .writeAnswerToReset, .presentTransportCode, .verifyPIN, .securityDomain: false
        }
    }

    /// The record that the step makes in a file, blank or with its value; nil for other steps and files.
    fileprivate func record(madeIn path: String) -> [UInt8]? {
        guard purpose.kind == .writeBlankRecord || purpose.kind == .writeElement,
            purpose.subject.hasPrefix(path + "/")
        else { return nil }
        switch operation {
        case .fixed(let command), .protected(let command, _, _): return command.data
        default: return nil
        }
    }
}
