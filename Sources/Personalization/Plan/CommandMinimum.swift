/// How few commands would do, and what a plan pays beside them so that a card which is torn at any moment can be finished.
///
/// Both are counted from the layout, the profile, the person's image and the block, and not from a plan's steps: a plan that has more
/// commands than the two together is longer than it has to be.
public struct CommandMinimum: Hashable, Sendable {
    /// The fewest commands for the same card on the same profile.
    ///
    /// Every directory is made, written and read back in one stay, every record made with its value. What cannot be taken back (the PIN, the lock) still comes after everything it protects was read back.
    public let fewest: Int
    /// The price of being resumable.
    ///
    /// Stages that begin with a selection of their own, so that a torn card can be entered there, and the
    /// authentications that costs; the identification code written blank first, by which a torn card is told from an issued one; the deletion of
    /// what an earlier attempt left.
    public let forResuming: Int

    /// A minimum from its parts.
    public init(fewest: Int, forResuming: Int) {
        self.fewest = fewest
        self.forResuming = forResuming
    }

    /// Nothing to do.
    static let none = CommandMinimum(fewest: 0, forResuming: 0)

    /// Both together.
    public var total: Int { fewest + forResuming }

    static func + (first: CommandMinimum, second: CommandMinimum) -> CommandMinimum {
        CommandMinimum(fewest: first.fewest + second.fewest, forResuming: first.forResuming + second.forResuming)
    }

    static func += (sum: inout CommandMinimum, other: CommandMinimum) { sum = sum + other }
}
