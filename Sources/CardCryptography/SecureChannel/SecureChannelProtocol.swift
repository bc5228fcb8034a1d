/// A Secure Channel Protocol of GlobalPlatform with its implementation options, the parameter i.
///
/// | protocol | i | meaning |
/// |---|---|---|
/// | 02 | 15 | three keys, C-MAC over the modified command, enciphered initial values (Card Specification 2.2 appendix E) |
/// | 02 | 55 | the same with a pseudo-random card challenge |
/// | 03 | 10 | pseudo-random card challenge (Amendment D §5.1) |
/// | 03 | 20, 60 | responses with MAC; with MAC and encryption |
/// | 03 | 01 | S16 mode: challenges, cryptograms and MACs of 16 bytes instead of 8 |
public struct SecureChannelProtocol: Hashable, Sendable {
    /// The protocol's identifier.
    public enum Version: UInt8, Hashable, Sendable, CaseIterable {
        /// 02: triple DES.
        case scp02 = 0x02
        /// 03: AES.
        case scp03 = 0x03
    }

    /// The protocol.
    public let version: Version
    /// The parameter i.
    public let parameter: UInt8

    /// A protocol this house speaks; nil for every other combination.
    public init?(_ version: Version, parameter: UInt8) {
        switch version {
        case .scp02: guard [0x15, 0x55].contains(parameter) else { return nil }
        case .scp03:
            // response encryption (40) does not exist without response MAC (20)
            guard parameter & ~0x71 == 0, parameter & 0x60 != 0x40 else { return nil }
        }
        self.version = version
        self.parameter = parameter
    }

    /// True for SCP03 in S16 mode.
    public var isS16: Bool { version == .scp03 && parameter & 0x01 != 0 }
    /// True when the card's challenge is computed from its sequence counter.
    public var hasPseudoRandomChallenge: Bool {
        version == .scp02 ? parameter & 0x40 != 0 : parameter & 0x10 != 0
    }
    /// Bytes of a block of the protocol's cipher.
    public var blockLength: Int { version == .scp02 ? 8 : 16 }
    /// Bytes of the MAC behind a command or response.
    public var macLength: Int { isS16 ? 16 : 8 }
    /// Bytes of the host's challenge and of each cryptogram.
    public var challengeLength: Int { isS16 ? 16 : 8 }
    /// Bytes of the card's challenge.
    public var cardChallengeLength: Int { version == .scp02 ? 6 : challengeLength }
    /// Bytes of the sequence counter in the answer to INITIALIZE UPDATE; SCP03 sends it with a pseudo-random challenge only.
    public var sequenceCounterLength: Int {
        switch version {
        case .scp02: 2
        case .scp03: hasPseudoRandomChallenge ? 3 : 0
        }
    }

    /// Whether a session of this protocol may have a security level.
    public func allows(_ level: SecureChannelLevel) -> Bool {
        if level.enciphersResponses { return version == .scp03 && parameter & 0x60 == 0x60 }
        if level.authenticatesResponses { return version == .scp03 && parameter & 0x20 != 0 }
        return true
    }

    /// The most data bytes a command may have before it is protected, when at most `limit` bytes can be sent.
    public func largestData(_ level: SecureChannelLevel, limit: Int) -> Int {
        guard level.authenticatesCommands else { return limit }
        let room = limit - macLength
        // padding takes at least one byte of the last block
        return max(0, level.enciphersCommands ? room / blockLength * blockLength - 1 : room)
    }
}

extension SecureChannelProtocol: CustomStringConvertible {
    /// `SCP03 i=70`.
    public var description: String {
        let digits = String(parameter, radix: 16)
        return "SCP0\(version.rawValue) i=\(digits.count < 2 ? "0" : "")\(digits)"
    }
}
