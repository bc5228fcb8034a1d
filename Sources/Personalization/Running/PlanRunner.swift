public import CardApplication
import CardLayout
import ISO7816

/// Sends a plan to a card, exactly as it stands, and notes every outcome in the journal.
public struct PlanRunner {
    /// How far a run has come.
    public struct Progress: Hashable, Sendable {
        /// Commands done, those of earlier runs of a torn card included.
        public let done: Int
        /// Commands of the whole plan.
        public let total: Int
        /// The step that was done last.
        public let purpose: Purpose
    }

    /// Where a run begins.
    public struct Entry: Hashable, Sendable {
        /// The stage, from 0; the number of stages when nothing is left to do.
        public var stage: Int
        /// The step of that stage, from 0.
        public var step = 0
        /// True when adding a key that is there already counts as done: a torn card may have added it before it answered.
        public var mayFindKey = false
        /// The step of that stage which may have been done before its answer was lost: what it makes may be there already.
        public var doubtfulStep: Int?
        /// Steps of that stage that are done and cannot be done twice: rows that stand in a cyclic file already.
        public var doneSteps: Set<Int> = []

        /// The beginning of a stage.
        public init(
            stage: Int, step: Int = 0, mayFindKey: Bool = false, doubtfulStep: Int? = nil, doneSteps: Set<Int> = []
        ) {
            self.stage = stage
            self.step = step
            self.mayFindKey = mayFindKey
            self.doubtfulStep = doubtfulStep
            self.doneSteps = doneSteps
        }

        /// The beginning of the plan.
        public static let beginning = Entry(stage: 0)
    }

    private let plan: CardPlan
    private let conversation: CardConversation

    /// A runner for one plan and one card.
    public init(_ plan: CardPlan, _ conversation: CardConversation) {
        self.plan = plan
        self.conversation = conversation
    }

    /// Runs the plan from `entry` to its end.
    ///
    /// A reader that takes less than the plan's longest command is refused before anything is sent.
    ///
    /// - Parameter prepare: presents what a step of the first stage needs and the plan has presented before the tear.
    public func run(
        from entry: Entry = .beginning, journal: Journal,
        preparing prepare: (PlanStep) throws(CardError) -> Void = { _ in }, progress: (Progress) -> Void = { _ in }
    ) throws(PersonalizationError) {
        try plan.check(goesThrough: conversation)
        // Where the run ends in an error, that error is told; lines that cannot be written take only from the count of what was done.
        defer { try? journal.writeGathered() }
        let total = plan.commandCount
        var done = plan.stages.prefix(entry.stage).reduce(entry.step) { $0 + $1.steps.count }
        for number in plan.stages.indices.dropFirst(entry.stage) {
            let stage = plan.stages[number]
            let first = number == entry.stage ? entry.step : 0
            try noting { () throws(JournalError) in try journal.note(stage: number, from: first) }
            var isFirstOfKind = true
            for index in stage.steps.indices.dropFirst(first) {
                let step = stage.steps[index]
                if number == entry.stage, entry.doneSteps.contains(index) {
                    done += 1
                    continue
                }
                if stage.isIrreversible, step.operation.isIrreversible {
                    try noting { () throws(JournalError) in try journal.announce(step: index, isFirst: isFirstOfKind) }
                    isFirstOfKind = false
                }
                if number == entry.stage {
                    do { try prepare(step) } catch {
                        throw error.isInterruption ? .interrupted(step, error) : .failed(step, error)
                    }
                }
                try run(step, mayExist: number == entry.stage && entry.allowsExisting(step, index))
                try noting { () throws(JournalError) in
                    try journal.note(finishedStep: index, stage.urgencyOfOutcomes)
                }
                done += 1
                progress(Progress(done: done, total: total, purpose: step.purpose))
            }
        }
        try noting { () throws(JournalError) in try journal.noteFinished() }
    }

    /// Sends a plan that reads and compares, and changes nothing: one that is broken off is sent again from its beginning.
    public func readBack(progress: (Progress) -> Void = { _ in }) throws(PersonalizationError) {
        try plan.check(goesThrough: conversation)
        let steps = plan.steps
        for (index, step) in steps.enumerated() {
            try run(step, mayExist: false)
            progress(Progress(done: index + 1, total: steps.count, purpose: step.purpose))
        }
    }

    private func run(_ step: PlanStep, mayExist: Bool) throws(PersonalizationError) {
        do throws(CardError) {
            switch step.expectation {
            case .success:
                let response = try conversation.send(step.operation, wantsAnswer: false)
                if response.statusWord.isSuccess { return }
                if mayExist, response.statusWord == plan.profile.fileExists { return }
                throw conversation.refusal(of: step.operation, response.statusWord)
            case .successOr(let other):
                let response = try conversation.send(step.operation, wantsAnswer: false)
                guard response.statusWord.isSuccess || response.statusWord == other else {
                    throw conversation.refusal(of: step.operation, response.statusWord)
                }
            case .challenge(let count):
                let challenge = try conversation.perform(step.operation)
                guard challenge.count == count else {
                    throw CardError.unexpectedLength(place: step.purpose.subject, challenge.count)
                }
            case .data(let expected):
                guard try conversation.perform(step.operation) == expected else {
                    throw CardError.differs(place: step.purpose.subject)
                }
            }
        } catch {
            throw error.isInterruption ? .interrupted(step, error) : .failed(step, error)
        }
    }

    private func noting(_ body: () throws(JournalError) -> Void) throws(PersonalizationError) {
        do { try body() } catch { throw .journal(error) }
    }
}

extension CardPlan {
    /// Whether the reader takes the plan's longest command; nothing is sent.
    func check(goesThrough conversation: CardConversation) throws(PersonalizationError) {
        let longest = longestCommandData
        guard longest > conversation.largestCommandData else { return }
        throw .readerTakesLess(needed: longest, takes: conversation.largestCommandData)
    }
}

extension PlanRunner.Entry {
    fileprivate func allowsExisting(_ step: PlanStep, _ index: Int) -> Bool {
        if index == doubtfulStep { return true }
        if mayFindKey, case .writeKey = step.operation { return true }
        return false
    }
}

extension CardOperation {
    /// Whether a stage that cannot be taken back has to announce the operation before it is sent.
    fileprivate var isIrreversible: Bool {
        switch self {
        case .writeKey, .securityDomain(.setLifeCycle), .securityDomain(.putKey): true
        default: false
        }
    }
}
