import ByteText
public import CardApplication
public import CardLayout

/// Finds out where a card stands that was pulled while it was brought to another layout, and where its plan goes on.
///
/// Values are written anew from the beginning of their directory, which changes nothing that is right already; rows that stand in a
/// cyclic file are not written again. A new directory is compared with what the journal says was made of it, and gone on with; it is
/// never begun anew; an application of a security domain is, see ``TornApplication``. Nothing that is asked costs a try, with one exception: whether a directory's master key was replaced in the very
/// moment of the tear, see ``TornCard``.
public final class TornMigration {
    private let plan: CardPlan
    private let compiled: CompiledCard
    private let conversation: CardConversation
    private var directory: TornDirectory?

    /// Looks at a card through a conversation, for the plan it was begun with and the layout it shall have.
    public init(_ plan: CardPlan, to compiled: CompiledCard, _ conversation: CardConversation) {
        self.plan = plan
        self.compiled = compiled
        self.conversation = conversation
    }

    /// Where the plan goes on after the journal's last line; the card is in the state that this needs.
    ///
    /// - Parameter dump: what the card held when it was begun.
    public func entry(
        after position: Journal.Position, dump: CardDump
    ) throws(PersonalizationError) -> PlanRunner.Entry {
        if position.isFinished { return PlanRunner.Entry(stage: plan.stages.count) }
        try plan.check(goesThrough: conversation)
        var number = position.stage ?? 0
        // The last line that was waited for can be a new directory's last step, and its values be begun all the same.
        if plan.stages.indices.contains(number + 1), case .creation = plan.stages[number].kind,
            position.finishedSteps == plan.stages[number].steps.count
        {
            number += 1
        }
        guard plan.stages.indices.contains(number), let first = plan.stages[number].steps.first else {
            throw .planHasChanged
        }
        do {
            try check(that: dump)
            if plan.profile.globalPlatform != nil {
                return try TornApplication(plan, conversation).entry(stage: number, after: position)
            }
            let master = try CardCommands(profile: plan.profile).selectMasterFile()
            try conversation.perform(.fixed(master), wantsAnswer: false)
            let stage = plan.stages[number]
            if case .directory(let name) = stage.kind, let directory = compiled.directory(name) {
                let rows = TornRows(
                    stage: stage, directory: directory, compiled: compiled, conversation: conversation)
                return PlanRunner.Entry(stage: number, doneSteps: try rows.done())
            }
            guard case .creation(let name) = stage.kind, let directory = compiled.directory(name) else {
                return PlanRunner.Entry(stage: number)
            }
            let torn = TornDirectory(
                plan.stages[number].steps, of: directory, compiled: compiled, conversation: conversation)
            self.directory = torn
            return try torn.entry(stage: number, finished: position.finishedSteps)
        } catch let error as CardError {
            throw error.isInterruption ? .interrupted(nil, error) : .failed(first, error)
        } catch let error as PersonalizationError {
            throw error
        } catch {
            throw .planHasChanged
        }
    }

    /// Presents what a step needs that runs after the tear; without one everything was open while the new directory was first entered.
    public func prepare(_ step: PlanStep) throws(CardError) { try directory?.prepare(step) }

    /// The chip tells its number and not what was written on it meanwhile: the identification code, which anybody may read, must be the one
    /// the card had.
    private func check(that dump: CardDump) throws {
        guard let environment = compiled.layout.directories.first, let file = environment.files.first,
            case .records(let records)? = dump[environment.name, file.name], let expected = records.first
        else { return }
        let found = try conversation.readIdentificationCode(of: compiled.layout)
        guard found == IdentificationCodeReading(content: Array(expected.dropFirst(2))) else {
            if case .code(let code) = found { throw PersonalizationError.notAsLeft(found: code.hexadecimal) }
            throw PersonalizationError.notAsLeft(found: nil)
        }
    }
}
