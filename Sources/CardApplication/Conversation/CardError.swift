import ByteText
public import CardData
public import ISO7816
public import IssuerKeys

/// Why the card did not do what was asked.
public enum CardError: Error, Hashable, Sendable {
    /// No answer came.
    case channel(CardChannelError)
    /// The card refused: what was asked and its status word.
    case refused(CommandAPDU, StatusWord)
    /// EXTERNAL AUTHENTICATE failed; how many tries the key has left. There is no second try.
    case authenticationFailed(key: String, triesLeft: Int)
    /// A blank refused its maker's transport code; nothing public says whether that costs it a try.
    case transportCodeRefused(StatusWord)
    /// The PIN was wrong; how many tries it has left.
    case wrongPIN(triesLeft: Int)
    /// The PIN has no tries left.
    case pinBlocked
    /// A key of the card has no tries left.
    case keyBlocked(String)
    /// The presentation would spend the last try of a key or PIN, which takes leave from two officers; nothing was sent.
    case lastTry(String)
    /// The card is seen here for the first time and cannot prove itself before the key, named here, is presented: it may have one try left.
    case firstContact(String)
    /// The card is seen here for the first time, and proved that its keys are others: the key, named here, was not presented.
    case otherKeys(String)
    /// What is remembered of the card cannot be used; nothing that costs a try was sent.
    case visits(VisitRecordError)
    /// The challenge was all zeros or had been used before.
    case challengeRefused
    /// An operation needs a challenge and none was taken.
    case noChallenge
    /// An operation needs the PIN and none was given.
    case pinNeeded
    /// The key service refused.
    case keys(CardKeyError)
    /// The card's profile, named here, has no command for what was asked of the PIN.
    case noPINCommand(String)
    /// The profile gives a directory no key under which its PIN can be reset or unblocked.
    case noUnblockKey(String)
    /// The card's profile has no key that blocks the card.
    case noBlockKey(String)
    /// Work over a secure channel stopped.
    case securityDomain(GlobalPlatformError)
    /// What the card holds differs from what was written.
    case differs(place: String)
    /// The card agrees to everything and has nothing to show: a record came with 9000 and without a byte.
    case senseless
    /// The answer's length is not what the file's description says.
    case unexpectedLength(place: String, Int)
    /// A command cannot be built.
    case malformed(CommandAPDU.Malformed)
}

extension CardError: FaultReporting {
    /// The error in the catalogue's terms.
    public var faults: [Fault] {
        switch self {
        case .channel(let error): error.faults
        case .refused(let command, let statusWord):
            [
                Fault(
                    "card.refused",
                    [
                        "command": command.header.hexadecimal, "statusWord": statusWord.description,
                    ])
            ]
        case .authenticationFailed(let key, let tries):
            [Fault("card.authentication-failed", ["key": key, "tries": String(tries)])]
        case .transportCodeRefused(let statusWord):
            [Fault("card.transport-code-refused", ["statusWord": statusWord.description])]
        case .wrongPIN(let tries): [Fault("card.wrong-pin", ["tries": String(tries)])]
        case .pinBlocked: [Fault("card.pin-blocked")]
        case .keyBlocked(let key): [Fault("card.key-blocked", ["key": key])]
        case .lastTry(let secret):
            [
                Fault(
                    "card.last-try",
                    ["secret": secret, "secretZh": secret.hasPrefix("PIN") ? "持卡人密码" : "卡内密钥 \(secret) "])
            ]
        case .firstContact(let key): [Fault("card.first-contact", ["key": key])]
        case .otherKeys(let key): [Fault("card.other-keys", ["key": key])]
        case .visits(let error): error.faults
        case .challengeRefused: [Fault("card.challenge-refused")]
        case .noChallenge: [Fault("card.no-challenge")]
        case .pinNeeded: [Fault("card.pin-needed")]
        case .keys(let error): error.faults
        case .noPINCommand(let profile): [Fault("pin.no-command", ["profile": profile])]
        case .noBlockKey(let profile): [Fault("card.no-block-key", ["profile": profile])]
        case .noUnblockKey(let directory): [Fault("pin.no-unblock-key", ["directory": directory])]
        case .securityDomain(let error): error.faults
        case .differs(let place): [Fault("card.differs", ["place": place])]
        case .senseless: [Fault("card.senseless")]
        case .unexpectedLength(let place, let length):
            [Fault("card.unexpected-length", ["place": place, "length": String(length)])]
        case .malformed: [Fault("card.command-malformed")]
        }
    }
}

extension CardChannelError: FaultReporting {
    /// The error in the catalogue's terms.
    public var faults: [Fault] {
        switch self {
        case .cardRemoved: [Fault("card.removed")]
        case .cardWasReset: [Fault("card.was-reset")]
        case .cardMute: [Fault("card.mute")]
        case .readerRemoved: [Fault("card.reader-removed")]
        case .malformedAnswer(let count): [Fault("card.malformed-answer", ["count": String(count)])]
        case .commandTooLong(let count, let most):
            [Fault("card.command-too-long", ["count": String(count), "most": String(most)])]
        case .answerNotAuthentic: [Fault("card.answer-not-authentic")]
        case .refused(let command): [Fault("card.command-not-allowed", ["command": command])]
        case .protectionBroken: [Fault("card.protection-broken")]
        case .notProtected(let reason): [Fault("card.not-protected", ["reason": reason])]
        case .reader(let function, let code):
            [Fault("card.reader-failed", ["function": function, "code": UInt32(truncatingIfNeeded: code).hexadecimal])]
        }
    }
}
