/// Pulls the card at a chosen command, for tests of torn cards.
public final class FaultChannel: CardChannel {
    /// When, relative to the chosen command, the card goes away.
    public enum Moment: Hashable, Sendable, CaseIterable {
        /// The card never sees the command.
        case beforeCommand
        /// The card has done the command; the answer is lost.
        case beforeAnswer
    }

    private let base: any CardChannel
    private let cut: Int
    private let moment: Moment
    private let onCut: () -> Void
    /// How many commands have been sent, the cut one included.
    public private(set) var commandCount = 0
    private var isCut = false

    /// Cuts at command number `cut`, counted from 0; `onCut` takes the card's power away.
    public init(_ base: any CardChannel, cutAt cut: Int, _ moment: Moment, onCut: @escaping () -> Void) {
        self.base = base
        self.cut = cut
        self.moment = moment
        self.onCut = onCut
    }

    /// That of the channel below.
    public var answerToReset: AnswerToReset { base.answerToReset }
    /// That of the channel below.
    public var largestCommandData: Int { base.largestCommandData }

    /// Sends a command, or loses the card where it is to be lost.
    public func transmit(_ command: CommandAPDU) throws(CardChannelError) -> ResponseAPDU {
        guard !isCut else { throw .cardRemoved }
        defer { commandCount += 1 }
        guard commandCount == cut else { return try base.transmit(command) }
        isCut = true
        if moment == .beforeAnswer { _ = try base.transmit(command) }
        onCut()
        throw .cardRemoved
    }

    /// Resets the card through the channel below.
    public func reset() throws(CardChannelError) {
        guard !isCut else { throw .cardRemoved }
        try base.reset()
    }
}
