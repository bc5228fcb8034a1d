import ByteText
public import CardCryptography
public import CardData

/// Why a secure channel did not come about, or came to an end.
public enum GlobalPlatformKeyError: Error, Hashable, Sendable {
    /// No key set of this name is held.
    case unknownKeySet(String)
    /// The card uses keys of another version than the set's.
    case keyVersion(keySet: String, expected: UInt8, found: UInt8)
    /// The set's keys are not for the protocol that the card speaks.
    case keysOfAnotherProtocol(keySet: String, SecureChannelProtocol)
    /// The protocol does not know the security level.
    case levelNotAllowed(SecureChannelProtocol, SecureChannelLevel)
    /// The card's cryptogram is not what these keys make: other keys, or not the issuer's card. Nothing was sent after it.
    case cardNotAuthentic(keySet: String, keyVersion: UInt8)
    /// The card's cryptogram is made by another rule, or with another key set of this place: told without asking the card again.
    case fitsOtherwise(
        keySet: String, SecureChannelDiversification, found: String, SecureChannelDiversification)
    /// The set's keys are published, and no card is left with them.
    case publishedKeys(String)
    /// The service holds no keys of security domains.
    case noSecurityDomains
    /// The MAC of a response is missing or wrong.
    case answerNotAuthentic
    /// The session has ended, or a step is not in its place.
    case sessionClosed
    /// Something has a number of bytes that the operation does not take.
    case wrongLength(String, Int)
    /// The keys of the card for a key grouping were refused.
    case cardKeys(CardKeyError)
    /// The service holds no keys of cards, so key groupings cannot be made.
    case noCardKeys
    /// The service has failed.
    case serviceFailed(String)

    init(_ error: CryptographyError) {
        switch error {
        case .wrongLength(let what, let count): self = .wrongLength(what, count)
        case .notAuthentic: self = .answerNotAuthentic
        default: self = .serviceFailed("\(error)")
        }
    }

    static func reporting<Value: ~Copyable>(
        _ body: () throws(CryptographyError) -> Value
    ) throws(GlobalPlatformKeyError) -> Value {
        do throws(CryptographyError) {
            return try body()
        } catch {
            throw GlobalPlatformKeyError(error)
        }
    }
}

extension GlobalPlatformKeyError: FaultReporting {
    /// The error in the catalogue's terms; names, versions and lengths, never key bytes.
    public var faults: [Fault] {
        switch self {
        case .unknownKeySet(let name): [Fault("globalplatform.unknown-key-set", ["name": name])]
        case .keyVersion(let name, let expected, let found):
            [
                Fault(
                    "globalplatform.key-version",
                    ["name": name, "expected": expected.hexadecimal, "found": found.hexadecimal])
            ]
        case .keysOfAnotherProtocol(let name, let spoken):
            [Fault("globalplatform.keys-of-another-protocol", ["name": name, "protocol": "\(spoken)"])]
        case .levelNotAllowed(let spoken, let level):
            [
                Fault(
                    "globalplatform.level-not-allowed",
                    ["protocol": "\(spoken)", "level": level.rawValue.hexadecimal])
            ]
        case .cardNotAuthentic(let name, let version):
            [Fault("globalplatform.card-not-authentic", ["name": name, "version": version.hexadecimal])]
        case .fitsOtherwise(let name, let rule, let found, let foundRule):
            [
                Fault(
                    "globalplatform.fits-otherwise",
                    ["name": name, "rule": rule.rawValue, "found": found, "foundRule": foundRule.rawValue])
            ]
        case .publishedKeys(let name): [Fault("globalplatform.published-keys", ["name": name])]
        case .noSecurityDomains: [Fault("globalplatform.no-security-domains")]
        case .answerNotAuthentic: [Fault("globalplatform.answer-not-authentic")]
        case .sessionClosed: [Fault("globalplatform.session-closed")]
        case .wrongLength(let what, let count):
            [Fault("globalplatform.wrong-length", ["what": what, "count": String(count)])]
        case .cardKeys(let error): error.faults
        case .noCardKeys: [Fault("globalplatform.no-card-keys")]
        case .serviceFailed(let reason): [Fault("globalplatform.service-failed", ["reason": reason])]
        }
    }
}
