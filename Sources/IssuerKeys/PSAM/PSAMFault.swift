public import CardCryptography
public import CardData
public import ISO7816

/// What a PSAM did not do.
public enum PSAMFault: Hashable, Sendable {
    /// What is in the slot is no PSAM of the profile.
    case notAModule
    /// It refused a command.
    case refused(String, StatusWord)
    /// It is gone, or does not answer.
    case gone(String)
    /// A PSAM calculates and gives no key out: this needs the key itself, or a calculation it has not.
    case cannot(KeyName, String)
    /// The hierarchy gives the key no place in a PSAM.
    case noPlace(KeyName)
    /// Its version does not know the algorithm.
    case algorithm(CardAlgorithm, version: UInt8)
    /// Its keys are another area's.
    case area(found: String, wanted: String)
    /// It was not loaded with keys.
    case empty
    /// The card's session keys have another width than the module makes.
    case sessionKeyWidth(module: Int, card: Int)
    /// The card's SM4 session keys are made of a block that is filled in another way than the module does it.
    case sm4SessionKey(module: SM4Blocks.Filling, card: SM4Blocks.Filling)
    /// The issuer's master key does not open it; so many tries are left.
    case foreignMaster(triesLeft: Int)
    /// It has no area, as a blank, and the published key of blanks does not open it; so many tries are left, and no other key was presented.
    case foreignBlank(triesLeft: Int)
    /// The presentation would spend the last try of its master key, which takes leave from two officers; nothing was sent.
    case lastTry
    /// It is loaded and has another terminal number than is to be given to it.
    case otherNumber(String)

    /// Whether it says something of one key alone, so that others may still be asked for.
    public var isOfOneKey: Bool {
        switch self {
        case .cannot, .noPlace: true
        case .refused(_, let statusWord):
            [.referencedDataNotFound, .keyIndexNotSupported, .conditionsNotSatisfied].contains(statusWord)
        case .notAModule, .gone, .algorithm, .area, .empty, .sessionKeyWidth, .sm4SessionKey, .foreignMaster,
            .foreignBlank, .lastTry, .otherNumber:
            false
        }
    }
}

extension PSAMFault: FaultReporting {
    /// The one fault in the catalogue's terms; names, codes and numbers, never key bytes.
    public var faults: [Fault] {
        switch self {
        case .notAModule: [Fault("psam.not-a-module", ["slot": "–"])]
        case .otherNumber(let number): [Fault("psam.other-number", ["number": number])]
        case .refused(let command, let statusWord):
            [Fault("psam.refused", ["command": command, "statusWord": statusWord.description])]
        case .gone(let reason): [Fault("psam.gone", ["reason": reason])]
        case .cannot(let key, let what): [Fault("psam.cannot", ["key": key.rawValue, "what": what])]
        case .noPlace(let key): [Fault("psam.no-place", ["key": key.rawValue])]
        case .algorithm(let algorithm, let version):
            [Fault("psam.algorithm", ["algorithm": algorithm.description, "version": String(version)])]
        case .area(let found, let wanted): [Fault("psam.area", ["found": found, "wanted": wanted])]
        case .empty: [Fault("psam.empty")]
        case .sessionKeyWidth(let module, let card):
            [Fault("psam.session-key-width", ["module": String(module), "card": String(card)])]
        case .sm4SessionKey(let module, let card):
            [Fault("psam.sm4-session-key", ["module": module.rawValue, "card": card.rawValue])]
        case .foreignMaster(let tries): [Fault("psam.foreign-master", ["tries": String(tries)])]
        case .foreignBlank(let tries): [Fault("psam.foreign-blank", ["tries": String(tries)])]
        case .lastTry: [Fault("psam.last-try")]
        }
    }
}
