public import CardData
import CardLayout

/// How an issued card becomes one of another layout: a plan like any other, or the reasons why it cannot.
public struct CardMigration: Hashable, Sendable {
    /// The commands, in stages that can each be begun again; without any where the card is as it should be.
    public let plan: CardPlan
    /// Everything that cannot be brought about on this card; a card with any is left alone.
    public let obstacles: [Fault]
    /// Directories that the plan creates.
    public let newDirectories: [String]
    /// Directories of the card that the new layout does not know; they stay as they are.
    public let keptDirectories: [String]

    /// True when the plan may be run.
    public var isPossible: Bool { obstacles.isEmpty }
}
