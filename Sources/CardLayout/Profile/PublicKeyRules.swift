/// How a card makes and uses an SM2 key pair of its own: the profile setting `publicKeys` (card.md §3.6).
///
/// A card without the setting has no such key. The commands are those of one driver where they are known, else those of ISO/IEC
/// 7816-8; all of it is inferred.
public struct PublicKeyRules: Hashable, Sendable {
    /// The directory that keeps the pair.
    public let directory: String
    /// The transparent file in which the card shows the public key: ``header`` ‖ x ‖ y, 66 bytes.
    public let file: UInt16
    /// The two bytes before x.
    public let header: [UInt8]
    /// CLA INS P1 P2 of the command that makes a new pair.
    public let make: [UInt8]
    /// CLA INS P1 P2 of the command that signs e, 32 bytes, and answers r ‖ s.
    public let sign: [UInt8]
    /// The right to make a pair.
    public let makeRight: UInt8
    /// The right to sign.
    public let signRight: UInt8

    /// Bytes of the file.
    public static let fileLength = 66

    /// Rules from their parts.
    public init(
        directory: String, file: UInt16, header: [UInt8], make: [UInt8], sign: [UInt8], makeRight: UInt8,
        signRight: UInt8
    ) {
        self.directory = directory
        self.file = file
        self.header = header
        self.make = make
        self.sign = sign
        self.makeRight = makeRight
        self.signRight = signRight
    }
}
