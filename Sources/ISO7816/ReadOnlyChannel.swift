import ByteText

/// Lets through only commands that cannot change what the card holds: selecting, reading, challenges and authentication.
public final class ReadOnlyChannel: CardChannel {
    private static let instructions: Set<UInt8> = [0xA4, 0xB0, 0xB2, 0xC0, 0x84, 0x82, 0x88, 0x20]
    private let base: any CardChannel
    private let allowsInitializeUpdate: Bool

    /// Guards `base`.
    ///
    /// - Parameter allowsInitializeUpdate: Also lets `80 50` through, by which a security domain proves which keys it holds; no try
    ///   hangs on it, and nothing moves but the domain's counter of challenges.
    public init(_ base: any CardChannel, allowsInitializeUpdate: Bool = false) {
        self.base = base
        self.allowsInitializeUpdate = allowsInitializeUpdate
    }

    /// That of the channel below.
    public var answerToReset: AnswerToReset { base.answerToReset }
    /// That of the channel below.
    public var largestCommandData: Int { base.largestCommandData }

    /// Sends a command that changes nothing; throws `refused` for any other.
    public func transmit(_ command: CommandAPDU) throws(CardChannelError) -> ResponseAPDU {
        let isInitializeUpdate = command.cla == 0x80 && command.ins == 0x50
        guard
            allowsInitializeUpdate && isInitializeUpdate
                || command.cla & 0x80 == 0 && Self.instructions.contains(command.ins)
        else {
            throw .refused("\(command.cla.hexadecimal) \(command.ins.hexadecimal)")
        }
        return try base.transmit(command)
    }

    /// Resets the card through the channel below.
    public func reset() throws(CardChannelError) { try base.reset() }
}
