/// What both sides put into a session: the challenges and the card's sequence counter.
public struct SecureChannelContext: Hashable, Sendable {
    /// The host's challenge.
    public let hostChallenge: [UInt8]
    /// The card's challenge.
    public let cardChallenge: [UInt8]
    /// The sequence counter, most significant byte first; empty in SCP03 with a random challenge.
    public let sequenceCounter: [UInt8]

    /// A context from its parts.
    public init(hostChallenge: [UInt8], cardChallenge: [UInt8], sequenceCounter: [UInt8]) {
        self.hostChallenge = hostChallenge
        self.cardChallenge = cardChallenge
        self.sequenceCounter = sequenceCounter
    }
}

/// The keys of one secure channel, computed alike by card and host, and wiped with their owner.
///
/// All they do is pure: the state of a channel is handed in and the next one handed back, so that whoever keeps it decides when it
/// moves.
public struct SecureChannelSessionKeys: ~Copyable, Sendable {
    /// The protocol with its options.
    public let channelProtocol: SecureChannelProtocol
    let cipher: BlockCipher
    let encryption: SecretBytes
    let commandMAC: SecretBytes
    let responseMAC: SecretBytes
    let dataEncryption: SecretBytes
    private let context: SecureChannelContext

    /// The session keys of a context.
    ///
    /// SCP02: 3DES-CBC of constant ‖ counter ‖ zeros under each static key, constants 0182 ENC, 0101 C-MAC, 0102 R-MAC,
    /// 0181 DEK (appendix E.4.1). SCP03: SP 800-108 under ENC and MAC, constants 04, 06, 07 (Amendment D §6.2.1); the DEK
    /// stays the static one.
    /// - Throws: `wrongLength` for keys, challenges or counters that are not the protocol's.
    public init(
        _ channelProtocol: SecureChannelProtocol, _ keys: borrowing SecureChannelStaticKeys,
        _ context: SecureChannelContext
    ) throws(CryptographyError) {
        let isTripleDES = keys.cipher == .tripleDES
        guard isTripleDES == (channelProtocol.version == .scp02) else {
            throw .wrongLength("key", keys.cipher.keyLength)
        }
        for (name, value, length) in [
            ("host challenge", context.hostChallenge, channelProtocol.challengeLength),
            ("card challenge", context.cardChallenge, channelProtocol.cardChallengeLength),
            ("sequence counter", context.sequenceCounter, channelProtocol.sequenceCounterLength),
        ] where value.count != length {
            throw .wrongLength(name, value.count)
        }
        switch channelProtocol.version {
        case .scp02:
            let counter = context.sequenceCounter
            self.init(
                channelProtocol, keys.cipher, context,
                encryption: try Self.scp02Key(keys.encryption, 0x82, counter),
                commandMAC: try Self.scp02Key(keys.mac, 0x01, counter),
                responseMAC: try Self.scp02Key(keys.mac, 0x02, counter),
                dataEncryption: try Self.scp02Key(keys.dataEncryption, 0x81, counter))
        case .scp03:
            let bytes = context.hostChallenge + context.cardChallenge
            let (cipher, length) = (keys.cipher, keys.cipher.keyLength)
            self.init(
                channelProtocol, cipher, context,
                encryption: try Self.scp03Value(keys.encryption, cipher, 0x04, bytes, count: length),
                commandMAC: try Self.scp03Value(keys.mac, cipher, 0x06, bytes, count: length),
                responseMAC: try Self.scp03Value(keys.mac, cipher, 0x07, bytes, count: length),
                dataEncryption: keys.dataEncryption.withSpan { SecretBytes(copying: $0) })
        }
    }

    private init(
        _ channelProtocol: SecureChannelProtocol, _ cipher: BlockCipher, _ context: SecureChannelContext,
        encryption: consuming SecretBytes, commandMAC: consuming SecretBytes, responseMAC: consuming SecretBytes,
        dataEncryption: consuming SecretBytes
    ) {
        self.channelProtocol = channelProtocol
        self.cipher = cipher
        self.context = context
        self.encryption = encryption
        self.commandMAC = commandMAC
        self.responseMAC = responseMAC
        self.dataEncryption = dataEncryption
    }

    /// What the card proves itself with in its answer to INITIALIZE UPDATE.
    public borrowing func cardCryptogram() throws(CryptographyError) -> [UInt8] {
        try cryptogram(0x00, context.hostChallenge + context.sequenceCounter + context.cardChallenge)
    }

    /// What the host proves itself with in EXTERNAL AUTHENTICATE.
    public borrowing func hostCryptogram() throws(CryptographyError) -> [UInt8] {
        try cryptogram(0x01, context.sequenceCounter + context.cardChallenge + context.hostChallenge)
    }

    /// The card's pseudo-random challenge, from its sequence counter and the AID of the application that opens the channel.
    ///
    /// SCP02: the left six bytes of the MAC over the AID under the session's C-MAC key (appendix E.4.2.3), which the sequence
    /// counter is part of. SCP03: SP 800-108 under the static ENC key, constant 02, counter ‖ AID (Amendment D §6.2.2.1).
    public static func pseudoRandomChallenge(
        _ channelProtocol: SecureChannelProtocol, _ keys: borrowing SecureChannelStaticKeys, sequenceCounter: [UInt8],
        application: [UInt8]
    ) throws(CryptographyError) -> [UInt8] {
        switch channelProtocol.version {
        case .scp02:
            let key = try scp02Key(keys.mac, 0x01, sequenceCounter)
            return try key.withSpan { key throws(CryptographyError) in
                try Array(scp02MAC(key, application, initialValue: [UInt8](repeating: 0, count: 8)).prefix(6))
            }
        case .scp03:
            return try scp03Value(
                keys.encryption, keys.cipher, 0x02, sequenceCounter + application,
                count: channelProtocol.cardChallengeLength
            ).unprotectedCopy()
        }
    }

    private borrowing func cryptogram(_ constant: UInt8, _ scp02: [UInt8]) throws(CryptographyError) -> [UInt8] {
        switch channelProtocol.version {
        case .scp02:
            return try encryption.withSpan { key throws(CryptographyError) in
                try BlockCipherMAC.cbcMAC(BlockCipherKey(cipher, key), scp02, padding: .bit)
            }
        case .scp03:
            return try Self.scp03Value(
                commandMAC, cipher, constant, context.hostChallenge + context.cardChallenge,
                count: channelProtocol.challengeLength
            ).unprotectedCopy()
        }
    }

    private static func scp02Key(
        _ key: borrowing SecretBytes, _ constant: UInt8, _ counter: [UInt8]
    ) throws(CryptographyError) -> SecretBytes {
        try key.withSpan { key throws(CryptographyError) in
            let key = try BlockCipherKey(.tripleDES, key)
            let left = [0x01, constant] + counter + [0, 0, 0, 0]
            let first = try SecretBytes.filling(count: 8) {
                (span: inout MutableSpan<UInt8>) throws(CryptographyError) in
                try key.encrypt(left.span, into: &span)
            }
            // the right half of the input is zero, so the second block of the chain enciphers the first one
            let second = try first.withSpan { first throws(CryptographyError) in
                try SecretBytes.filling(count: 8) { (span: inout MutableSpan<UInt8>) throws(CryptographyError) in
                    try key.encrypt(first, into: &span)
                }
            }
            return first.withSpan { first in
                second.withSpan { second in
                    SecretBytes.filling(count: 16) { span in
                        for index in 0..<8 {
                            span[index] = first[index]
                            span[8 + index] = second[index]
                        }
                    }
                }
            }
        }
    }

    private static func scp03Value(
        _ key: borrowing SecretBytes, _ cipher: BlockCipher, _ constant: UInt8, _ context: [UInt8], count: Int
    ) throws(CryptographyError) -> SecretBytes {
        // label of 12 bytes, a zero, then the length in bits
        let bits = UInt16(count * 8)
        let before = [UInt8](repeating: 0, count: 11) + [constant, 0, UInt8(bits >> 8), UInt8(bits & 0xFF)]
        return try key.withSpan { key throws(CryptographyError) in
            try KeyDerivation.counterMode(cipher, key: key, before: before, after: context, count: count)
        }
    }

    /// The MAC of SCP02: single DES with the left half, the last block with both.
    static func scp02MAC(
        _ key: Span<UInt8>, _ message: [UInt8], initialValue: [UInt8]
    ) throws(CryptographyError) -> [UInt8] {
        try BlockCipherMAC.retailMAC(
            BlockCipherKey(.singleDES, key.extracting(0..<8)), BlockCipherKey(.singleDES, key.extracting(8..<16)),
            message, padding: .bit, initialValue: initialValue)
    }
}
