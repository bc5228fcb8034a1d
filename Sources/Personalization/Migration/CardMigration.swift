public import CardData
import CardLayout

/// How an issued card becomes one of another layout: a plan like any other, or the reasons why it cannot.
public struct CardMigration: Hashable, Sendable {
    /// The commands, in stages that can each be begun again; without any where the card is as it should be.
    public let plan: CardPlan
    /// The commands that compare what only the holder's PIN opens, once the plan has been run; without any where nothing lies behind the PIN, or
    /// none was given.
    public let readBack: CardPlan
    /// What the plan writes and nobody compares, such as `DF04/EF06/offlineAllowed`: only the PIN opens it, and none was given.
    public let unread: [String]
    /// What the card warned of (6281) and the plan neither copies nor writes anew: it stays as it is.
    public let doubtful: [Fault]
    /// Everything that cannot be brought about on this card; a card with any is left alone.
    public let obstacles: [Fault]
    /// Directories that the plan creates.
    public let newDirectories: [String]
    /// Directories of the card that the new layout does not know; they stay as they are.
    public let keptDirectories: [String]

    /// True when the plan may be run.
    public var isPossible: Bool { obstacles.isEmpty }

    /// What is to be told beside the plan: what the card does not vouch for and keeps, and what will not have been compared.
    public var notices: [Fault] {
        unread.isEmpty
            ? doubtful
            : doubtful + [Fault("migrate.not-read-back", ["places": unread.joined(separator: " ")])]
    }
}
