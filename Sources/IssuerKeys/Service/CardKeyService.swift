public import CardCryptography
public import ISO7816

/// Uses issuer keys on behalf of card commands and never shows one.
///
/// Every call derives the key of one card and uses it at once; what comes back is a cryptogram, a finished command, or a judgement.
/// Calls may block (HSM, PSAM, network), so they are made on the card's own thread.
public protocol CardKeyService: Sendable {
    /// X ‖ Y for EXTERNAL AUTHENTICATE in the social-security form: SK = E(K, factor), X = E(SK, original), Y = original
    /// (card.md §2.1, cos-dialects §6.6).
    func externalAuthentication(
        with key: CardKeyReference, of card: CardKeyContext, challenges: ChallengePair, form: CryptogramForm
    ) throws(CardKeyError) -> [UInt8]

    /// E(K, challenge) for EXTERNAL AUTHENTICATE in the plain form, 8 bytes (SM4: the left 8 of one block over
    /// challenge ‖ NOT challenge).
    func plainExternalAuthentication(
        with key: CardKeyReference, of card: CardKeyContext, challenge: [UInt8]
    ) throws(CardKeyError) -> [UInt8]

    /// Whether `answer` is what the genuine card gives to INTERNAL AUTHENTICATE for these values; compared in constant time.
    func verifyInternalAuthentication(
        answer: [UInt8], with key: CardKeyReference, of card: CardKeyContext, challenges: ChallengePair,
        form: CryptogramForm
    ) throws(CardKeyError) -> Bool

    /// The finished WRITE KEY command `84 D4 P1 P2 Lc cipher ‖ MAC` (cos-dialects §4.2, §4.3, §5).
    func writeKeyCommand(_ request: WriteKeyRequest) throws(CardKeyError) -> CommandAPDU

    /// The check value of a card's key, to compare without showing it.
    func keyCheckValue(of key: CardKeyReference, card: CardKeyContext) throws(CardKeyError) -> KeyCheckValue
}

/// Which key a card command needs.
public enum CardKeyReference: Hashable, Sendable {
    /// A key of the hierarchy by its name, diversified for the card.
    case issuer(KeyName)
    /// The published transport value of a blank, 16 bytes; no secret.
    case transport([UInt8])
}

/// The name of a key in `Keys/hierarchy.yaml`, for example `UKSSSE`.
public struct KeyName: RawRepresentable, Hashable, Sendable, CustomStringConvertible {
    /// The name as the hierarchy file has it.
    public let rawValue: String
    /// Names a key; whether the hierarchy has it is the service's to judge.
    public init(rawValue: String) { self.rawValue = rawValue }
    /// The name.
    public var description: String { rawValue }
}

/// The algorithm identifier of the social-security card (FCI tag 9F0C, sub-tag 86).
public enum CardAlgorithm: UInt8, Hashable, Sendable, CaseIterable {
    /// 01: two-key triple DES.
    case tripleDES = 0x01
    /// 02: SSF33, which exists in hardware only; every use of it is refused.
    case ssf33 = 0x02
    /// 03: SM4.
    case sm4 = 0x03
}

/// What diversifies the issuer's keys down to one card.
public struct CardKeyContext: Hashable, Sendable {
    /// The cipher of the card's keys.
    public let algorithm: CardAlgorithm
    /// The six-digit area code of the issuing city.
    public let area: String
    /// The card factor, 8 bytes.
    public let cardFactor: [UInt8]

    /// A context from its parts.
    public init(algorithm: CardAlgorithm, area: String, cardFactor: [UInt8]) {
        self.algorithm = algorithm
        self.area = area
        self.cardFactor = cardFactor
    }
}

/// The two random values of an authentication; 8 bytes each, 16 for SM4 in full form.
public struct ChallengePair: Hashable, Sendable {
    /// The session (process) factor, 过程因子.
    public let factor: [UInt8]
    /// The original information, 鉴别原始信息.
    public let original: [UInt8]

    /// A pair from its parts.
    public init(factor: [UInt8], original: [UInt8]) {
        self.factor = factor
        self.original = original
    }
}

/// The forms in which card operating systems build session cryptograms; a setting of the COS profile.
public struct CryptogramForm: Hashable, Sendable {
    /// Bytes of a 3DES session key: 8 (left half) or 16 (E(K, F) ‖ E(K, NOT F)).
    public let sessionKeyWidth: Int
    /// True when SM4 cryptograms travel as whole 16-byte blocks over 16-byte challenges; else the left 8 bytes travel.
    public let fullSM4Block: Bool

    /// A form from its parts.
    public init(sessionKeyWidth: Int = 8, fullSM4Block: Bool = false) {
        self.sessionKeyWidth = sessionKeyWidth
        self.fullSM4Block = fullSM4Block
    }
}

/// What a WRITE KEY command shall carry.
public struct WriteKeyRequest: Sendable {
    /// The content of the new key record.
    public enum Content: Sendable {
        /// A key of the card.
        case key(CardKeyReference)
        /// The holder's PIN.
        case pin(PersonalIdentificationNumber)
    }

    /// P1: 01 adds a record; the type byte of the record updates it.
    public let p1: UInt8
    /// P2: the key identifier.
    public let p2: UInt8
    /// Type, use right, change right, next state or version, counter or algorithm.
    public let header: [UInt8]
    /// The key or PIN that follows the header.
    public let content: Content
    /// The directory's current master key, which enciphers and MACs.
    public let protection: CardKeyReference
    /// The card.
    public let card: CardKeyContext
    /// The card's last challenge: 4 or 8 bytes.
    public let challenge: [UInt8]

    /// A request from its parts.
    public init(
        p1: UInt8, p2: UInt8, header: [UInt8], content: Content, protection: CardKeyReference, card: CardKeyContext,
        challenge: [UInt8]
    ) {
        self.p1 = p1
        self.p2 = p2
        self.header = header
        self.content = content
        self.protection = protection
        self.card = card
        self.challenge = challenge
    }
}

/// A key check value with the method that made it; values of different methods never compare.
public struct KeyCheckValue: Hashable, Sendable, CustomStringConvertible {
    /// How the value is made.
    public enum Method: String, Hashable, Sendable {
        /// The left bytes of E(K, zero block).
        case encryptedZeros = "enc-zero"
        /// The left bytes of E(K, 01…01) (GlobalPlatform).
        case encryptedOnes = "enc-01"
        /// The left bytes of CMAC(zero block) (X9.24-1).
        case cmacOfZeros = "cmac-zero"
    }

    /// The method.
    public let method: Method
    /// Three to five bytes.
    public let bytes: [UInt8]

    /// A value from its parts.
    public init(method: Method, bytes: [UInt8]) {
        self.method = method
        self.bytes = bytes
    }

    /// `enc-zero:08D7B4`.
    public var description: String { "\(method.rawValue):\(bytes.map { String($0, radix: 16, uppercase: true) }.map { $0.count == 1 ? "0" + $0 : $0 }.joined())" }
}

/// Why a key was not used.
public enum CardKeyError: Error, Hashable, Sendable {
    /// The hierarchy has no such key.
    case unknownKey(KeyName)
    /// The store holds no key of this name for this algorithm and area.
    case keyNotHeld(KeyName, CardAlgorithm, area: String)
    /// The algorithm exists only in hardware (SSF33).
    case algorithmNotAvailable(CardAlgorithm)
    /// An all-zero challenge proves nothing and is refused.
    case zeroChallenge
    /// A challenge, factor or header has a length that the operation does not allow.
    case wrongLength(String, Int)
    /// The key may not be used for this command.
    case useNotAllowed(KeyName, String)
    /// The service cannot be reached or has failed.
    case serviceFailed(String)
}
