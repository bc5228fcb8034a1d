public import CardApplication
public import CardData
public import Lifecycle

/// Why a service for the PIN was refused or not finished, and what has become of card and log.
public enum PINDeskError: FaultReporting, Sendable {
    /// The card is of no kind that is known here, or was never issued.
    case notIssued
    /// Not this counter's card, and what was asked is for the issuer alone.
    case notRegistered(IdentificationCode)
    /// The chip is not the one that was issued under this code.
    case anotherChip
    /// The card did not prove itself.
    case notGenuine
    /// The card's profile takes PINs of so many digits.
    case length(ClosedRange<Int>)
    /// The holder has chosen a PIN that others could guess, which the policy refuses.
    case guessable(GuessablePIN)
    /// The profile has no such directory with a PIN.
    case noSuchDirectory(String, known: [String])
    /// The card did not carry it to its end; the log has what the issuer did, and the end of the PIN's tries.
    case card(HolderPINError, booked: Bool)
    /// What has to be written down before the card is touched cannot be.
    case journal(String, reason: String)
    /// An earlier service for this card could not be booked yet.
    case earlierNotBooked([Fault])
    /// An earlier service for this card is not booked because the rules refuse it now, for these reasons.
    case earlierWaits([Fault])
    /// The card did it, and the registry could not be written.
    case notBooked([Fault])

    /// True when neither card nor log was changed.
    public var isUnchanged: Bool {
        switch self {
        case .card(let error, _): error.isUnchanged
        case .notBooked: false
        default: true
        }
    }

    /// True when the card has refused the PIN that it was shown.
    var isOfWrongPIN: Bool {
        guard case .card(let error, _) = self else { return false }
        return switch error.cause {
        case .wrongPIN, .pinBlocked: true
        default: false
        }
    }

    /// True when the card may have been asked: the holder may have lost a try, or may have another PIN.
    public var mayHaveCost: Bool {
        switch self {
        case .card, .notBooked: true
        default: false
        }
    }

    /// The error in the catalogue's terms.
    public var faults: [Fault] {
        switch self {
        case .notIssued: [Fault("card.not-personalized")]
        case .notRegistered(let code): [Fault("pin.not-registered", ["identificationCode": code.text])]
        case .anotherChip: [Fault("pin.another-chip")]
        case .notGenuine: [Fault("pin.not-genuine")]
        case .length(let digits):
            [Fault("pin.length", ["least": String(digits.lowerBound), "most": String(digits.upperBound)])]
        case .guessable(let why): [why.fault]
        case .noSuchDirectory(let name, let known):
            [Fault("tool.unknown-word", ["word": name, "known": known.joined(separator: " ")])]
        case .card(let error, let booked): error.faults + (booked ? [Fault("pin.booked")] : [])
        case .journal(let path, let reason): [Fault("pin.journal", ["path": path, "reason": reason])]
        case .earlierNotBooked(let faults): [Fault("pin.earlier-not-booked")] + faults
        case .earlierWaits(let faults): [Fault("pin.earlier-waits")] + faults
        case .notBooked(let faults): [Fault("pin.not-booked")] + faults
        }
    }
}
