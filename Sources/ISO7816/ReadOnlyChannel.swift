import ByteText

/// Lets through only commands that cannot change what the card holds: selecting, reading, challenges and authentication.
public final class ReadOnlyChannel: CardChannel {
    private static let instructions: Set<UInt8> = [0xA4, 0xB0, 0xB2, 0xC0, 0x84, 0x82, 0x88, 0x20]
    private let base: any CardChannel

    /// Guards `base`.
    public init(_ base: any CardChannel) { self.base = base }

    public var answerToReset: AnswerToReset { base.answerToReset }
    public var largestCommandData: Int { base.largestCommandData }

    public func transmit(_ command: CommandAPDU) throws(CardChannelError) -> ResponseAPDU {
        guard command.cla & 0x80 == 0, Self.instructions.contains(command.ins) else {
            throw .refused("\(command.cla.hexadecimal) \(command.ins.hexadecimal)")
        }
        return try base.transmit(command)
    }

    public func reset() throws(CardChannelError) { try base.reset() }
}
