/// What no public text says of line protection with SM4 (cos-dialects §8, §13.4; card.md §2.4): a card's profile settles it.
///
/// With DES all of it is published, and the values of ``published`` hold whatever stands here.
public struct SM4LineForm: Hashable, Sendable {
    /// When 80 00… stands behind what fills its blocks.
    public enum Padding: String, Hashable, Sendable, CaseIterable {
        /// Always: a whole block where the blocks are full already.
        case always
        /// Only where the blocks are not full.
        case whenNeeded
    }

    /// Bytes of a MAC as it travels: 4 or 8, the left ones of the last block.
    public let macLength: Int
    /// What MACs under the card's key itself begin with: the challenge of 4 or 8 bytes, filled up to a block; one of 16 bytes is it.
    public let initialValue: SM4Blocks.Filling
    /// What stands behind the message of a MAC.
    public let macPadding: Padding
    /// What stands behind data that is enciphered.
    public let dataPadding: Padding
    /// How eight bytes fill blocks where session keys and cryptograms are made.
    public let blocks: SM4Blocks

    /// A form from its parts; what is left out is as DES has it.
    public init(
        macLength: Int = 4, initialValue: SM4Blocks.Filling = .zeroFilled, macPadding: Padding = .always,
        dataPadding: Padding = .whenNeeded, blocks: SM4Blocks = .usual
    ) {
        self.macLength = macLength
        self.initialValue = initialValue
        self.macPadding = macPadding
        self.dataPadding = dataPadding
        self.blocks = blocks
    }

    /// What is published of DES (cos-dialects §5), and what SM4 cards are taken to do until their maker says otherwise.
    public static let published = SM4LineForm()
}
