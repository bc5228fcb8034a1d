import ISO7816

/// Passes everything on, and lets a test look at what travels, change it, or answer in the card's place.
final class RelayChannel: CardChannel {
    private let base: any CardChannel
    private let answering: (CommandAPDU) -> ResponseAPDU?
    private(set) var sent: [CommandAPDU] = []
    private(set) var answers: [ResponseAPDU] = []
    var changeCommand: (CommandAPDU) -> CommandAPDU = { $0 }
    var changeAnswer: (ResponseAPDU) -> ResponseAPDU = { $0 }

    /// - Parameter answering: gives answers that are not the card's, which does not see the command then; nil for all others.
    init(_ base: any CardChannel, answering: @escaping (CommandAPDU) -> ResponseAPDU? = { _ in nil }) {
        self.base = base
        self.answering = answering
    }

    var answerToReset: AnswerToReset { base.answerToReset }
    var largestCommandData: Int { base.largestCommandData }

    func transmit(_ command: CommandAPDU) throws(CardChannelError) -> ResponseAPDU {
        sent.append(command)
        if let own = answering(command) { return own }
        let answer = try base.transmit(changeCommand(command))
        answers.append(answer)
        return changeAnswer(answer)
    }

    func reset() throws(CardChannelError) { try base.reset() }
}
