/// What no public text says of line protection with SM4 (cos-dialects §8, §13.4; card.md §2.4): a card's profile settles it.
///
/// With DES all of it is published, and the values of ``published`` hold whatever stands here.
public struct SM4LineForm: Hashable, Sendable {
    /// How a challenge of 4 or 8 bytes fills the 16 bytes of an initial value; one of 16 bytes is it.
    public enum InitialValue: String, Hashable, Sendable, CaseIterable {
        /// RND ‖ 00×12 or 00×8.
        case zeroFilled
        /// F ‖ NOT F, where F is the challenge filled up with zeros to 8 bytes: the block of authentication and diversification.
        case complemented
    }

    /// When 80 00… stands behind what fills its blocks.
    public enum Padding: String, Hashable, Sendable, CaseIterable {
        /// Always: a whole block where the blocks are full already.
        case always
        /// Only where the blocks are not full.
        case whenNeeded
    }

    /// Bytes of a MAC as it travels: 4 or 8, the left ones of the last block.
    public let macLength: Int
    /// What MACs under the card's key itself begin with.
    public let initialValue: InitialValue
    /// What stands behind the message of a MAC.
    public let macPadding: Padding
    /// What stands behind data that is enciphered.
    public let dataPadding: Padding

    /// A form from its parts; what is left out is as DES has it.
    public init(
        macLength: Int = 4, initialValue: InitialValue = .zeroFilled, macPadding: Padding = .always,
        dataPadding: Padding = .whenNeeded
    ) {
        self.macLength = macLength
        self.initialValue = initialValue
        self.macPadding = macPadding
        self.dataPadding = dataPadding
    }

    /// What is published of DES (cos-dialects §5), and what SM4 cards are taken to do until their maker says otherwise.
    public static let published = SM4LineForm()
}
