import CardApplication
import CardData
import ISO7816
import Lifecycle
import Personalization
import Registry
import SmartCardReader

/// Why a lane could not make a card, by what has to change before the next try.
enum BatchFailure {
    /// Another person may have the card; this one can have none.
    case person([Fault])
    /// The person may have another card.
    case card([Fault])
    /// Nobody can have a card in this reader.
    case lane([Fault])
    /// Nobody can have a card anywhere until the site is put right.
    case site([Fault])
    /// The batch was asked to stop before the card was touched.
    case stopped

    /// Sorts what was thrown.
    init(_ error: any Error) {
        switch error {
        case let error as IssuingError: self = error.failure
        case let error as ReaderError: self = error.failure
        case let error as CardChannelError: self = .card(error.faults)
        case is CancellationError: self = .stopped
        case let error as any FaultReporting: self = .site(error.faults)
        default: self = .site([Fault("issuing.failed", ["reason": String(describing: error)])])
        }
    }

    /// Why, for people.
    var faults: [Fault] {
        switch self {
        case .person(let faults), .card(let faults), .lane(let faults), .site(let faults): faults
        case .stopped: []
        }
    }
}

extension IssuingError {
    fileprivate var failure: BatchFailure {
        switch self {
        case .data(let faults) where faults.faults.contains { $0.code == "issuing.failed" }: .site(faults.faults)
        case .data, .hasCard, .notTheirCard, .identificationCodeTaken, .begunOnAnotherCard, .beingMade: .person(faults)
        case .nothingBegun, .noIdentity, .spoiled, .chipSpent: .card(faults)
        // Keys or settings that one card refuses would cost every other card a try as well.
        case .authentication(_, let diagnosis): diagnosis.causes == [.cardChanged] ? .card(faults) : .site(faults)
        case .card(let error): error.costsEveryCard ? .site(faults) : .card(faults)
        case .personalization(let error), .migration(let error): error.failure
        case .registry(let error): error.failure
        }
    }
}

extension CardError {
    /// True where the reason lies in the keys, their settings or what is remembered here: the next blank would lose a try to it as well.
    fileprivate var costsEveryCard: Bool {
        switch self {
        case .keys, .visits, .authenticationFailed, .keyBlocked, .transportCodeRefused: true
        default: false
        }
    }
}

extension PersonalizationError {
    fileprivate var failure: BatchFailure {
        switch self {
        case .planning: .person(faults)
        case .journal: .site(faults)
        case .interrupted(_, let error), .failed(_, let error): error.costsEveryCard ? .site(faults) : .card(faults)
        case .spoiled, .foreignCard, .alreadyIssued, .begunForAnother, .begunWithOtherData, .begunByAnotherLayout,
            .planHasChanged, .blocked, .notAsLeft, .directoryLost, .readerTakesLess:
            .card(faults)
        }
    }
}

extension RegistryError {
    fileprivate var failure: BatchFailure {
        switch self {
        case .refused(let refusal): refusal.failure
        case .cardUnknown, .cardChanged, .personUnknown, .numberTaken: .person(faults)
        case .blankNotInStock: .card(faults)
        default: .site(faults)
        }
    }
}

extension LifecycleRefusal {
    /// Whom the rules refuse: the piece in the reader, everybody on this day and by these people, else the person.
    fileprivate var failure: BatchFailure {
        if reasons.contains(where: \.isAboutEveryCard) { return .site(faults) }
        if reasons.contains(where: \.isAboutPiece) { return .card(faults) }
        return transition == .personalize && reasons.contains(where: \.isAboutWhoActs) ? .site(faults) : .person(faults)
    }
}

extension LifecycleRefusal.Reason {
    fileprivate var isAboutPiece: Bool {
        switch self {
        case .pieceOfAnother, .pieceNotInBook, .pieceNotOwned, .pieceIsCard, .cardNotInBook: true
        default: false
        }
    }

    /// What a row names itself is looked at before its card is begun: a number out of range is the pool's.
    fileprivate var isAboutEveryCard: Bool {
        switch self {
        case .dayIsClosed, .numberOutOfRange, .actsUsedUp: true
        default: false
        }
    }

    fileprivate var isAboutWhoActs: Bool {
        switch self {
        case .roleNotAllowed, .secondPersonMissing, .secondPersonNotAllowed, .secondPersonIsTheSame: true
        default: false
        }
    }
}

extension ReaderError {
    fileprivate var failure: BatchFailure {
        switch self {
        case .noCard, .noCardAnywhere, .cardMute, .cardUnsupported, .cardHeld, .cardHeldByOneOf, .card: .card(faults)
        // The lane waits until the service is back.
        case .serviceNotRunning: .card(faults)
        default: .lane(faults)
        }
    }
}
