import ByteText
import CardApplication
import CardCryptography
public import CardData
public import CardLayout
import ISO7816
public import IssuerKeys

/// Everything that will be sent to one card for one person, before the first byte is sent: what is printed is what runs.
public struct CardPlan: Hashable, Sendable {
    /// The layout's name.
    public let layoutName: String
    /// The COS profile the commands are for.
    public let profile: COSProfile
    /// The stages in the order they run.
    public let stages: [PlanStage]
    /// The fewest commands for this layout, profile, person and block, and what it costs beside them that a torn card can be finished;
    /// counted apart from the plan.
    public let minimum: CommandMinimum
    /// The most data bytes that a command of the plan may carry: the profile's limit, or that of the reader it was planned for.
    ///
    /// It is part of the plan. A reader that takes less than the plan's longest command does not run it: the card gets a plan of its own there,
    /// and a torn card goes on in a reader that takes as much as the one it was begun in.
    public let largestBlock: Int

    /// A plan from its parts.
    public init(
        layoutName: String, profile: COSProfile, stages: [PlanStage], minimum: CommandMinimum, largestBlock: Int
    ) {
        self.largestBlock = largestBlock
        self.layoutName = layoutName
        self.profile = profile
        self.stages = stages
        self.minimum = minimum
    }

    /// All steps of all stages.
    public var steps: [PlanStep] { stages.flatMap(\.steps) }

    /// How many commands are sent.
    public var commandCount: Int { stages.reduce(0) { $0 + $1.steps.count } }

    /// How many records are written twice, blank and then with their value: the identification code, and all where the profile wants it so
    /// (`recordCreation`).
    public var recordsWrittenTwice: Int {
        let blank = Set(steps.filter { $0.purpose.kind == .writeBlankRecord }.map(\.purpose.subject))
        return steps.count { $0.purpose.kind == .writeElement && blank.contains($0.purpose.subject) }
    }

    /// What the plan's steps will ask the key service for, in their order, each need as often as it is there.
    public var keyNeeds: [CardKeyNeed] { steps.compactMap { $0.operation.keyNeed(profile: profile) } }

    /// The data bytes of its longest command.
    public var longestCommandData: Int {
        steps.reduce(0) { max($0, $1.operation.dataLength(profile: profile)) }
    }

    /// SHA-256 over the block, every stage and step: command with its slots, expected answer and purpose.
    ///
    /// Where a step stands in its layout is printed and not hashed: a comment added to a layout changes no card, and a torn card is
    /// finished all the same.
    public var hash: [UInt8] {
        get throws(CryptographyError) {
            var hash = try IncrementalHash(.sha256)
            try hash.update(Array("sscard plan 3\n\(layoutName)\n\(profile.name)\nblock \(largestBlock)\n".utf8))
            for stage in stages {
                try hash.update(Array("stage \(stage.kind)\n".utf8))
                for step in stage.steps { try hash.update(Array((step.canonical(profile: profile) + "\n").utf8)) }
            }
            return try hash.finish()
        }
    }
}

extension PlanStep {
    /// One line that says what the step does.
    func canonical(profile: COSProfile) -> String {
        "\(operation.printed(profile: profile))|\(operation.slotDescription(profile: profile))|\(expectation.printed)|"
            + "\(purpose.kind.rawValue)|\(purpose.subject)"
    }
}

extension SourcePlace {
    /// `file:line` without the folders, so that a plan is the same wherever its layout lies.
    public var fileAndLine: String {
        let name = file.utf8.lastIndex(of: UInt8(ascii: "/")).map { file[file.utf8.index(after: $0)...] } ?? file[...]
        return "\(name):\(line)"
    }
}

extension PlanStep.Expectation {
    /// The answer as a plan prints it.
    public var printed: String {
        switch self {
        case .success: "9000"
        case .successOr(let other): "9000/\(other)"
        case .challenge(let count): "‹\(count)›9000"
        case .data(let bytes): bytes.hexadecimal + "9000"
        }
    }

    /// How many bytes of data come back.
    var dataLength: Int {
        switch self {
        case .success, .successOr: 0
        case .challenge(let count): count
        case .data(let bytes): bytes.count
        }
    }
}
