public import CardCryptography

/// The forms in which card operating systems build session cryptograms; a setting of the COS profile.
public struct CryptogramForm: Hashable, Sendable {
    /// Bytes of a 3DES session key: 8 (left half) or 16 (E(K, F) ‖ E(K, NOT F)).
    public let sessionKeyWidth: Int
    /// True when SM4 cryptograms travel as whole 16-byte blocks over 16-byte challenges; else the left 8 bytes travel.
    public let fullSM4Block: Bool
    /// How eight bytes fill blocks of SM4.
    public let blocks: SM4Blocks

    /// A form from its parts.
    public init(sessionKeyWidth: Int = 8, fullSM4Block: Bool = false, blocks: SM4Blocks = .usual) {
        self.sessionKeyWidth = sessionKeyWidth
        self.fullSM4Block = fullSM4Block
        self.blocks = blocks
    }
}
