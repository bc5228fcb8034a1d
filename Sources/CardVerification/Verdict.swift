public import CardData
public import Lifecycle

/// What a till may believe of a card, with every reason.
public struct Verdict: Hashable, Sendable {
    /// The answer.
    public enum Answer: String, Hashable, Sendable {
        /// Genuine, alive and in use.
        case normal
        /// Not to be accepted.
        case stop
        /// It cannot be said here; ask on-line.
        case unknown
    }

    /// One reason for an answer other than normal.
    public enum Reason: Hashable, Sendable {
        /// INTERNAL AUTHENTICATE gave another answer than the genuine card's.
        case notGenuine
        /// The chip is genuine but not the one that this identification code was given to.
        case anotherChip
        /// It failed the authentication by this place's keys, and says that another city issued it, whose keys are not here.
        case issuedElsewhere(String)
        /// The card or its application is locked.
        case locked
        /// The card is of a kind that this place does not know.
        case unknownKind
        /// Nothing was ever written on the card.
        case blank
        /// The card was begun, and has no identification code yet.
        case notPersonalized
        /// The card has an identification code and still the keys that blanks come with.
        case keysOfBlank
        /// The card's keys are of another version or rule than those of this place, which says nothing against it: the fault that tells which.
        case otherKeySet(Fault)
        /// The card agrees to everything and has nothing to show.
        case senseless
        /// EF05 tag 06 lies before today: the date as YYYYMMDD.
        case expired(String)
        /// The registry says otherwise than normal.
        case state(ShownState)
        /// The registry does not know the card.
        case notInRegistry
        /// The expiry date on the card cannot be read.
        case expiryUnreadable
        /// The card, its reader, the keys or the registry could not be asked to the end: the fault that stopped it.
        case notAsked(Fault)

        /// The stable code of the reason.
        public var code: String {
            switch self {
            case .notGenuine: "not-genuine"
            case .anotherChip: "another-chip"
            case .issuedElsewhere: "issued-elsewhere"
            case .locked: "locked"
            case .unknownKind: "unknown-kind"
            case .blank: "blank"
            case .notPersonalized: "not-personalized"
            case .keysOfBlank: "keys-of-blank"
            case .otherKeySet(let fault): fault.code.rawValue
            case .senseless: "senseless-answers"
            case .expired: "expired"
            case .state(let state): "state-\(state.rawValue)"
            case .notInRegistry: "not-in-registry"
            case .expiryUnreadable: "expiry-unreadable"
            case .notAsked(let fault): fault.code.rawValue
            }
        }

        /// The reason in Chinese, for the pharmacist.
        public var chinese: String {
            switch self {
            case .notGenuine: "卡片鉴别未通过，可能是伪卡"
            case .anotherChip: "识别码不属于这张卡的芯片，可能是复制卡"
            case .issuedElsewhere(let area): "异地发行的卡（\(area)），本处没有其密钥，不能鉴别真伪"
            case .locked: "卡或其应用已锁定"
            case .unknownKind: "不认识的卡种"
            case .blank: "空白卡，尚未制卡"
            case .notPersonalized: "制卡中断的卡：卡内没有识别码，未制成"
            case .keysOfBlank: "制卡中断的卡：卡内仍是空白卡的密钥，未制成"
            case .otherKeySet(let fault):
                "本处没有这张卡所用的密钥组，不能鉴别真伪：\(MessageCatalogue.standard.text(for: fault, language: .chinese).what)"
            case .senseless: "卡对所有指令都答“成功”却没有内容，不是社会保障卡"
            case .expired(let date): "卡已过期（有效期至 \(date)）"
            case .state(let state): "卡状态：\(state.chinese)"
            case .notInRegistry: "登记系统中没有这张卡"
            case .expiryUnreadable: "有效期无法读取"
            case .notAsked(let fault): MessageCatalogue.standard.text(for: fault, language: .chinese).what
            }
        }

        /// The reason in English.
        public var english: String {
            switch self {
            case .notGenuine: "the card failed its authentication and may be forged"
            case .anotherChip: "the identification code belongs to another chip; the card may be a copy"
            case .issuedElsewhere(let area): "issued elsewhere (\(area)); its keys are not here, so it cannot be proved"
            case .locked: "the card or its application is locked"
            case .unknownKind: "a kind of card that is not known here"
            case .blank: "a blank: no card was ever made of it"
            case .notPersonalized: "the card was begun and never finished: it has no identification code"
            case .keysOfBlank: "the card was begun and never finished: it still has the keys of a blank"
            case .otherKeySet(let fault):
                "the set of keys that this card has is not here, so it cannot be proved: "
                    + MessageCatalogue.standard.text(for: fault, language: .english).what
            case .senseless: "the card says yes to everything and holds nothing; it is no social security card"
            case .expired(let date): "expired on \(date)"
            case .state(let state): "state: \(state.english)"
            case .notInRegistry: "the registry does not know the card"
            case .expiryUnreadable: "the expiry date cannot be read"
            case .notAsked(let fault): MessageCatalogue.standard.text(for: fault, language: .english).what
            }
        }

        /// The exit code of what could not be asked; none for a code that would mean an answer.
        fileprivate var missing: Int32? {
            switch self {
            case .issuedElsewhere: return 4
            case .notAsked(let fault), .otherKeySet(let fault):
                let code = MessageCatalogue.standard.exitCode(for: fault.code)
                return code > 1 ? code : 3
            default: return nil
            }
        }

        var answer: Answer {
            switch self {
            case .notGenuine, .anotherChip, .expired, .state, .blank, .notPersonalized, .keysOfBlank, .senseless,
                .locked:
                .stop
            case .issuedElsewhere, .otherKeySet, .unknownKind, .notInRegistry, .expiryUnreadable, .notAsked: .unknown
            }
        }
    }

    /// The identification code as hexadecimal digits, where it was read.
    public let identificationCode: String?
    /// Every reason; none for a normal card.
    public let reasons: [Reason]
    /// The layout by which the card was read, that of the version that stands on it; nil where none was.
    public let layoutName: String?
    /// Commands that were sent to the card.
    public let commandCount: Int

    /// A verdict from its parts.
    public init(identificationCode: String?, reasons: [Reason], layoutName: String?, commandCount: Int) {
        self.identificationCode = identificationCode
        self.reasons = reasons
        self.layoutName = layoutName
        self.commandCount = commandCount
    }

    /// A verdict where nothing could be asked of a card at all.
    public init(failingWith faults: [Fault]) {
        self.init(identificationCode: nil, reasons: faults.map(Reason.notAsked), layoutName: nil, commandCount: 0)
    }

    /// Stop if anything says stop, else unknown if anything is unknown, else normal.
    public var answer: Answer {
        let answers = reasons.map(\.answer)
        return answers.contains(.stop) ? .stop : answers.contains(.unknown) ? .unknown : .normal
    }

    /// 0 normal, 1 stop; unknown takes the code of what was missing: 3 card, 4 keys, 5 store.
    public var exitCode: Int32 {
        switch answer {
        case .normal: 0
        case .stop: 1
        case .unknown: reasons.contains(.notInRegistry) ? 5 : reasons.lazy.compactMap(\.missing).first ?? 3
        }
    }
}
