import ISO7816

/// Changes one bit of what passes: of the protected command on its way to the card, or of the answer to it.
final class TamperingChannel: CardChannel {
    enum Place { case command, answer }

    private let base: any CardChannel
    private let place: Place
    private let bit: Int
    private let isTarget: (CommandAPDU) -> Bool
    /// True once a bit was there to change.
    private(set) var hasTampered = false

    init(_ base: any CardChannel, _ place: Place, bit: Int, of isTarget: @escaping (CommandAPDU) -> Bool) {
        self.base = base
        self.place = place
        self.bit = bit
        self.isTarget = isTarget
    }

    var answerToReset: AnswerToReset { base.answerToReset }
    var largestCommandData: Int { base.largestCommandData }

    func transmit(_ command: CommandAPDU) throws(CardChannelError) -> ResponseAPDU {
        guard isTarget(command) else { return try base.transmit(command) }
        if place == .command {
            var bytes = command.bytes
            guard flip(&bytes), let changed = try? CommandAPDU(bytes: bytes) else {
                return ResponseAPDU(.wrongLength)
            }
            return try base.transmit(changed)
        }
        let response = try base.transmit(command)
        var data = response.data
        _ = flip(&data)
        return ResponseAPDU(data: data, response.statusWord)
    }

    func reset() throws(CardChannelError) { try base.reset() }

    private func flip(_ bytes: inout [UInt8]) -> Bool {
        guard bit / 8 < bytes.count else { return false }
        bytes[bit / 8] ^= 1 << (bit % 8)
        hasTampered = true
        return true
    }
}
