public import CardCryptography
public import CardData
public import CardLayout
import ISO7816
import IssuerKeys

/// The SM2 key pair that a card made for itself (card.md §3.6): made, shown, and used to sign; the private half stays in the card.
public struct CardPublicKey {
    private let conversation: CardConversation
    private let compiled: CompiledCard
    private let rules: PublicKeyRules
    private let directory: CompiledDirectory
    private let pinLength: Int?

    /// The pair of the card that a conversation is held with.
    ///
    /// - Parameter pinLength: bytes of the PIN the conversation has, where it may be presented.
    ///
    /// Throws `public-key.not-offered` where the profile has no commands for one; nothing was sent.
    public init(
        _ conversation: CardConversation, _ compiled: CompiledCard, pinLength: Int? = nil
    ) throws(Faults) {
        guard let rules = compiled.profile.publicKeys, let directory = compiled.directory(rules.directory) else {
            throw Faults("public-key.not-offered", ["profile": compiled.profile.name])
        }
        self.conversation = conversation
        self.compiled = compiled
        self.rules = rules
        self.directory = directory
        self.pinLength = pinLength
    }

    /// Has the card make a new pair, and reads its public key.
    ///
    /// - Parameter replacing: true to let a pair that is there be replaced, which makes its certificates worthless.
    ///
    /// Throws `public-key.there-already`, `public-key.closed`, and ``CardError``.
    public func make(replacing: Bool) throws -> SM2.VerificationKey {
        try conversation.meet(compiled)
        let reader = try enter()
        if try publicKey() != nil, !replacing { throw Faults("public-key.there-already") }
        try open(rules.makeRight, reader) { !$0.record.isMaster && !$0.record.isPIN }
        try conversation.perform(.fixed(CommandAPDU(rules.make[0], rules.make[1], rules.make[2], rules.make[3])))
        guard let key = try publicKey() else { throw CardError.differs(place: place) }
        return key
    }

    /// The public key.
    ///
    /// Throws `public-key.none` where the card has made no pair, and ``CardError``.
    public func read() throws -> SM2.VerificationKey {
        _ = try enter()
        guard let key = try publicKey() else { throw Faults("public-key.none") }
        return key
    }

    /// Has the card sign a message under an identifier: r ‖ s, 64 bytes; a signature that is not the pair's is not handed out.
    ///
    /// Throws `public-key.none`, `public-key.closed`, `differs`, and what presenting the PIN throws.
    public func sign(_ message: [UInt8], identifier: [UInt8]) throws -> [UInt8] {
        let reader = try enter()
        guard let key = try publicKey() else { throw Faults("public-key.none") }
        let digest = try SM2.messageDigest(message, identifier: identifier, point: key.point)
        try open(rules.signRight, reader) { $0.record.isPIN }
        let command = try CommandAPDU(rules.sign[0], rules.sign[1], rules.sign[2], rules.sign[3], data: digest)
        let signature = try conversation.perform(.fixed(command))
        guard signature.count == 64, try key.verify(signature, digest: digest) else {
            throw CardError.differs(place: place)
        }
        return signature
    }

    // MARK: -

    private var place: String { "\(rules.directory)/EF\(String(rules.file, radix: 16, uppercase: true))" }

    private func enter() throws -> CardReader {
        let reader = CardReader(conversation, compiled, presentsKeys: true, pinLength: pinLength)
        guard try reader.enters(directory) else { throw Faults("card.not-personalized") }
        return reader
    }

    /// The key in the public file of the selected directory; nil where there is no such file.
    private func publicKey() throws -> SM2.VerificationKey? {
        let command = CommandAPDU(
            0x00, 0xB0, 0x80 | UInt8(rules.file & 0x1F), 0x00,
            le: UInt8(truncatingIfNeeded: PublicKeyRules.fileLength))
        let response = try conversation.send(.fixed(command))
        if response.statusWord == .fileNotFound { return nil }
        guard response.statusWord.isSuccess else {
            throw conversation.refusal(of: .fixed(command), response.statusWord)
        }
        guard response.data.count == PublicKeyRules.fileLength, response.data.starts(with: rules.header),
            let key = try? SM2.VerificationKey(point: [4] + response.data.dropFirst(2))
        else { throw Faults("public-key.malformed", ["place": place]) }
        return key
    }

    private func open(
        _ right: UInt8, _ reader: CardReader, _ allowed: (AccessPath.Presentation) -> Bool
    ) throws {
        let path = AccessPath.find(
            right: right, from: 0, own: directory.security, inherited: nil, allowed: allowed)
        guard let path else { throw Faults("public-key.closed", ["place": rules.directory]) }
        for presentation in path { _ = try reader.present(presentation) }
    }
}
