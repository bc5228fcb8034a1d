/// Makes T=0 invisible to the layers above: fetches waiting data after 61xx and repeats with the right Le after 6Cxx
/// (ISO/IEC 7816-3 §10.3, 7816-4 §5.3.4).
public final class TransportChannel: CardChannel {
    private let base: any CardChannel
    private let longestAnswer: Int
    private let mostPieces: Int

    /// Wraps a channel that shows 61xx and 6Cxx.
    ///
    /// - Parameters:
    ///   - longestAnswer: the most data bytes that one command brings.
    ///   - mostPieces: a card that goes on announcing is asked no more; 256 pieces of 256 bytes make 65,536.
    public init(_ base: any CardChannel, longestAnswer: Int = 65_536, mostPieces: Int = 256) {
        self.base = base
        self.longestAnswer = longestAnswer
        self.mostPieces = mostPieces
    }

    /// That of the channel below.
    public var answerToReset: AnswerToReset { base.answerToReset }
    /// That of the channel below.
    public var largestCommandData: Int { base.largestCommandData }

    /// Sends a command and brings the whole answer, however T=0 parts it; throws `malformedAnswer` for one without end.
    ///
    /// Only what reads is repeated with another Le (``CommandAPDU/mayBeRepeated``); 6Cxx to anything else comes through.
    public func transmit(_ command: CommandAPDU) throws(CardChannelError) -> ResponseAPDU {
        try transmit(command, wantsAnswer: true)
    }

    /// Sends a command and brings the whole answer, or leaves data that is announced with 61xx on the card and takes it for success.
    public func transmit(_ command: CommandAPDU, wantsAnswer: Bool) throws(CardChannelError) -> ResponseAPDU {
        var response = try base.transmit(command)
        if wantsAnswer, let length = response.statusWord.correctLength, command.mayBeRepeated {
            response = try base.transmit(command.expecting(length))
        }
        guard response.statusWord.bytesWaiting != nil else { return response }
        guard wantsAnswer else { return ResponseAPDU(.success) }
        var data = response.data
        var pieces = 0
        while let waiting = response.statusWord.bytesWaiting {
            let fetching = CommandAPDU(0x00, 0xC0, 0x00, 0x00, le: UInt8(truncatingIfNeeded: waiting))
            response = try base.transmit(fetching)
            // some cards announce 6100 for less than 256 bytes, and tell how many when they are asked
            if let length = response.statusWord.correctLength {
                response = try base.transmit(fetching.expecting(length))
            }
            guard !response.data.isEmpty else { return ResponseAPDU(data: data, response.statusWord) }
            data += response.data
            pieces += 1
            guard pieces <= mostPieces, data.count <= longestAnswer else { throw .malformedAnswer(data.count + 2) }
        }
        return ResponseAPDU(data: data, response.statusWord)
    }

    /// Resets the card through the channel below.
    public func reset() throws(CardChannelError) { try base.reset() }
}
