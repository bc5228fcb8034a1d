extension Journal {
    /// Where a torn card stands, as far as the journal knows.
    public struct Position: Hashable, Sendable {
        /// The stage that had begun; nil when no command was sent.
        public var stage: Int?
        /// Steps of that stage with a known outcome.
        public var finishedSteps = 0
        /// The irreversible step that was announced and has no outcome.
        public var announcedStep: Int?
        /// True when all was done and only the registry has not been told.
        public var isFinished = false

        /// Nothing done yet.
        public init(stage: Int? = nil) { self.stage = stage }
    }
}

extension Journal.Position {
    /// Reads the lines after the header.
    init(lines: some Sequence<Substring>) {
        for line in lines {
            // A plan has some hundred steps; a number beyond reason is none.
            let number = Int(line.dropFirst(2)).flatMap { (0...0xFFFF).contains($0) ? $0 : nil }
            switch (line.first, number) {
            case ("S", let number?): self = Self(stage: number)
            case ("+", let number?):
                finishedSteps = number + 1
                announcedStep = nil
            case ("!", let number?): announcedStep = number
            case ("E", _): isFinished = true
            default: break
            }
        }
    }
}

extension Journal.Position {
    /// Commands of the plan that have a known outcome, those of a stage that will be begun anew included.
    public func commandsDone(of plan: CardPlan) -> Int {
        guard !isFinished, let stage else { return isFinished ? plan.commandCount : 0 }
        return plan.stages.prefix(stage).reduce(finishedSteps) { $0 + $1.steps.count }
    }
}
