import ISO7816

/// A card of which some commands are answered in its place.
final class AnsweringChannel: CardChannel {
    private let base: any CardChannel
    private let answering: (CommandAPDU) -> ResponseAPDU?

    /// - Parameter answering: gives answers that are not the card's, which does not see the command then; nil for all others.
    init(_ base: any CardChannel, answering: @escaping (CommandAPDU) -> ResponseAPDU?) {
        self.base = base
        self.answering = answering
    }

    /// A card that refuses some commands.
    convenience init(
        _ base: any CardChannel, refusing answer: StatusWord, _ refuses: @escaping (CommandAPDU) -> Bool
    ) {
        self.init(base) { refuses($0) ? ResponseAPDU(answer) : nil }
    }

    var answerToReset: AnswerToReset { base.answerToReset }
    var largestCommandData: Int { base.largestCommandData }

    func transmit(_ command: CommandAPDU) throws(CardChannelError) -> ResponseAPDU {
        if let own = answering(command) { return own }
        return try base.transmit(command)
    }

    func reset() throws(CardChannelError) { try base.reset() }
}
