import ISO7816

/// A card that costs nothing: gives the recorded answers one after the other, without looking at the commands.
final class PlaybackChannel: CardChannel {
    let answerToReset: AnswerToReset
    let largestCommandData = 255
    private let responses: [ResponseAPDU]
    private var next = 0

    init(_ responses: [ResponseAPDU], answerToReset: AnswerToReset) {
        self.responses = responses
        self.answerToReset = answerToReset
    }

    func transmit(_ command: CommandAPDU) throws(CardChannelError) -> ResponseAPDU {
        guard next < responses.count else { throw .cardMute }
        defer { next += 1 }
        return responses[next]
    }

    func reset() throws(CardChannelError) {}
}
