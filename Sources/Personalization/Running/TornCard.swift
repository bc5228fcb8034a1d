import ByteText
public import CardApplication
public import CardLayout
import ISO7816
import IssuerKeys

/// Finds out where a torn card stands and where its plan goes on.
///
/// The card is asked only what costs no try, with one exception: whether the card's master key was replaced in the very
/// moment of the tear shows only in one authentication, which is made at most once with each of the two keys.
public struct TornCard {
    let plan: CardPlan
    let compiled: CompiledCard
    let conversation: CardConversation

    /// Looks at a card through a conversation, for the plan it was begun with and the layout that the plan is of.
    public init(_ plan: CardPlan, of compiled: CompiledCard, _ conversation: CardConversation) {
        self.plan = plan
        self.compiled = compiled
        self.conversation = conversation
    }

    /// Where the plan goes on after the journal's last line.
    public func entry(after position: Journal.Position) throws(PersonalizationError) -> PlanRunner.Entry {
        if position.isFinished { return PlanRunner.Entry(stage: plan.stages.count) }
        try plan.check(goesThrough: conversation)
        let stage = position.stage ?? 0
        guard plan.stages.indices.contains(stage) else { throw .planHasChanged }
        do {
            try checkThatTheCardIsAsLeft(stage)
            if let domain = plan.profile.globalPlatform { return try entryOfApplications(stage, domain) }
            switch plan.stages[stage].kind {
            case .initialization: return try entryOfInitialization()
            // Only migrations create on an issued card, and they are taken up by TornMigration.
            case .creation: throw PersonalizationError.planHasChanged
            // After a power cut the journal can be behind the card, so a later stage may have begun as well.
            case .directory where growsRing(from: stage): return try entryOfInitialization()
            case .directory, .pinProtected: return try entryOfDirectory(stage)
            case .pin: return try entryOfPIN(stage)
            case .lock: return try entryOfLock(stage, position)
            }
        } catch let error as CardError {
            throw error.isInterruption ? .interrupted(nil, error) : .failed(plan.stages[stage].steps[0], error)
        } catch let error as PersonalizationError {
            throw error
        } catch {
            throw .planHasChanged
        }
    }

    private func growsRing(from stage: Int) -> Bool {
        plan.stages[stage...].contains { $0.growsRing(plan.profile) }
    }

    /// Another office may have begun the same chip for somebody else, or erased it: the identification code, which anybody may read,
    /// tells, before anything is presented or erased.
    private func checkThatTheCardIsAsLeft(_ stage: Int) throws {
        guard let environment = plan.stages.firstIndex(where: \.isDirectory),
            let selection = plan.stages[environment].steps.first, let reading = plan.stages[environment].readingOfCode,
            case .data(let expected) = reading.expectation
        else { return }
        if plan.profile.globalPlatform != nil {
            return try checkApplications(selection, reading, Array(expected), past: stage > environment)
        }
        var found = IdentificationCodeReading.absent
        let master = PlanStep(
            .fixed(try CardCommands(profile: plan.profile).selectMasterFile()), .success,
            Purpose(.selectDirectory, "MF"),
            at: nil)
        if try conversation.send(master.operation, wantsAnswer: false).statusWord.isSuccess,
            try conversation.send(selection.operation, wantsAnswer: false).statusWord.isSuccess
        {
            let record = try conversation.send(reading.operation)
            if record.statusWord.isSuccess {
                found = IdentificationCodeReading(content: Array(record.data.dropFirst(2)))
            }
            // As after a reset, which is how every entry finds the card.
            try conversation.perform(master.operation, wantsAnswer: false)
        }
        try judge(found, Array(expected.dropFirst(2)), past: stage > environment)
    }

    /// - Parameter isPast: whether the stage that writes the code was done.
    func judge(_ found: IdentificationCodeReading, _ expected: [UInt8], past isPast: Bool) throws {
        switch found {
        case .code(let code) where code != expected:
            throw PersonalizationError.notAsLeft(found: code.hexadecimal)
        case .code: return
        case .blank, .absent, .noEnvironment:
            // The journal is never ahead of its card: past the environment the code stood there.
            guard !isPast else { throw PersonalizationError.notAsLeft(found: nil) }
        }
    }

    /// Whether the card still is what the journal's last line left, as far as anybody may read it; presents and changes nothing.
    ///
    /// - Throws: `notAsLeft`, `planHasChanged`, `interrupted`.
    public func check(after position: Journal.Position) throws(PersonalizationError) {
        let stage = position.isFinished ? plan.stages.count - 1 : position.stage ?? 0
        guard plan.stages.indices.contains(stage) else { throw .planHasChanged }
        do {
            try checkThatTheCardIsAsLeft(stage)
        } catch let error as CardError {
            throw error.isInterruption ? .interrupted(nil, error) : .failed(plan.stages[stage].steps[0], error)
        } catch {
            throw (error as? PersonalizationError) ?? .planHasChanged
        }
    }

    /// Files and keys are begun anew on an erased card; what the erasing needs depends on how far the card came.
    private func entryOfInitialization() throws -> PlanRunner.Entry {
        let commands = CardCommands(profile: plan.profile)
        let selection = try conversation.send(.fixed(commands.selectMasterFile()), wantsAnswer: false)
        guard selection.statusWord.isSuccess else { return .beginning }
        let answer = try authenticate(.transport(plan.profile.transportKey))
        switch answer {
        case .success, .fileNotFound:
            // Authenticated, or no key file yet: an empty master file is free for everybody.
            return .beginning
        case .referencedDataNotFound, .keyIndexNotSupported:
            // A key file without its first key: nobody has any right here any more.
            throw PersonalizationError.spoiled
        default:
            // 63Cx: another key is in the place of the published one, or too many went before; anything else is told as it is
            let key = CardKeyReference.transport(plan.profile.transportKey)
            throw conversation.refusal(of: .authenticate(key, identifier: 0x00, form: .plain), answer)
        }
    }

    private func entryOfDirectory(_ stage: Int) throws -> PlanRunner.Entry {
        try enter(above: stage)
        return PlanRunner.Entry(stage: stage)
    }

    /// Enters the directory that holds the one in which a stage begins: by its identifier it is found from there alone.
    private func enter(above stage: Int) throws {
        let commands = CardCommands(profile: plan.profile)
        try conversation.perform(.fixed(commands.selectMasterFile()), wantsAnswer: false)
        let name = plan.stages[stage].steps.first?.purpose.subject
        guard let parent = name.flatMap(compiled.directory)?.directory?.parent.flatMap(compiled.directory) else {
            return
        }
        try conversation.perform(.fixed(commands.select(parent)), wantsAnswer: false)
    }

    /// The PIN record is there or not; asking costs no try, since it is our PIN.
    ///
    /// Behind the verification may stand the way to the next stage.
    private func entryOfPIN(_ stage: Int) throws -> PlanRunner.Entry {
        let steps = plan.stages[stage].steps
        guard let selection = steps.first, let verification = steps.last(where: { $0.purpose.kind == .verifyPIN })
        else {
            throw PersonalizationError.planHasChanged
        }
        try enter(above: stage)
        try conversation.perform(selection.operation, wantsAnswer: false)
        let answer = try conversation.send(verification.operation)
        switch answer.statusWord {
        case .success: return try entryOfStageAfter(stage)
        case .keyIndexNotSupported, .referencedDataNotFound: return PlanRunner.Entry(stage: stage)
        default: throw conversation.refusal(of: verification.operation, answer.statusWord)
        }
    }

    private func entryOfStageAfter(_ stage: Int) throws -> PlanRunner.Entry {
        switch plan.stages.dropFirst(stage + 1).first?.kind {
        case .pin, .pinProtected: try entryOfDirectory(stage + 1)
        default: PlanRunner.Entry(stage: stage + 1)
        }
    }

    private func entryOfLock(_ stage: Int, _ position: Journal.Position) throws -> PlanRunner.Entry {
        let steps = plan.stages[stage].steps
        guard let replacement = steps.firstIndex(where: { $0.purpose.kind == .replaceMaster }),
            case .writeKey(_, .key(let issuerMaster), _, _) = steps[replacement].operation
        else { throw PersonalizationError.planHasChanged }
        let isReplaced = position.finishedSteps > replacement
        guard isReplaced || position.announcedStep == replacement else { return PlanRunner.Entry(stage: stage) }
        try conversation.perform(steps[0].operation, wantsAnswer: false)
        let answer = try authenticate(issuerMaster)
        if answer.isSuccess { return PlanRunner.Entry(stage: stage, step: replacement + 1, mayFindKey: true) }
        guard !isReplaced, let tries = answer.triesLeft, tries > 1 else {
            throw conversation.refusal(of: .authenticate(issuerMaster, identifier: 0x00, form: .plain), answer)
        }
        // The tear came before the replacement: the transport key still opens the card.
        return PlanRunner.Entry(stage: stage)
    }

    private func authenticate(_ key: CardKeyReference) throws -> StatusWord {
        let challenge = CardCommands(profile: plan.profile).getChallenge(8)
        try conversation.perform(.fixed(challenge))
        return try conversation.send(.authenticate(key, identifier: 0x00, form: .plain)).statusWord
    }
}

extension PlanStage {
    fileprivate var isDirectory: Bool {
        if case .directory = kind { true } else { false }
    }

    /// The read-back of the identification code, where the stage has one.
    fileprivate var readingOfCode: PlanStep? {
        steps.first { $0.purpose.kind == .readBack && $0.purpose.subject.hasSuffix("/identificationCode") }
    }
}
