/// Who handled an act, who was the second person, and what was shown to them.
public struct Handling: Hashable, Sendable {
    /// 经办人, who enters the act.
    public let officer: Officer
    /// 复核人, who confirms it; never the same person.
    public let second: Officer?
    /// What was seen and checked.
    public let proofs: Proofs
    /// 代办人, who came in the holder's place; nil where the holder came, or nobody.
    public let agent: Agent?

    /// An act's handling.
    public init(by officer: Officer, second: Officer? = nil, proofs: Proofs = [], agent: Agent? = nil) {
        self.agent = agent
        self.officer = officer
        self.second = second
        self.proofs = proofs
    }
}

/// What was seen and checked before an act, as the officers state it.
public struct Proofs: OptionSet, Hashable, Sendable {
    /// Two bytes in an event.
    public let rawValue: UInt16
    /// From the bits of an event.
    public init(rawValue: UInt16) { self.rawValue = rawValue }

    /// The holder's identity document.
    public static let identityDocument = Proofs(rawValue: 1 << 0)
    /// The holder's face, compared by machine or by eye.
    public static let face = Proofs(rawValue: 1 << 1)
    /// The signature of the holder, or of the agent or guardian who came in their place.
    public static let signature = Proofs(rawValue: 1 << 2)
    /// The card was in the reader and is genuine.
    public static let cardRead = Proofs(rawValue: 1 << 3)
    /// The holder changed the first PIN.
    public static let pinChanged = Proofs(rawValue: 1 << 4)
    /// The old card was taken and cut.
    public static let oldCardTaken = Proofs(rawValue: 1 << 5)
    /// A paper that orders or justifies the act.
    public static let paper = Proofs(rawValue: 1 << 6)
    /// The fee was paid, or is waived by rule.
    public static let feeSettled = Proofs(rawValue: 1 << 7)
    /// The agent's identity document, beside the holder's.
    public static let agentDocument = Proofs(rawValue: 1 << 8)

    /// Every proof with its name in files and JSON.
    public static let named: [(proof: Proofs, name: String)] = [
        (.identityDocument, "identity-document"), (.face, "face"), (.signature, "signature"), (.cardRead, "card-read"),
        (.pinChanged, "pin-changed"), (.oldCardTaken, "old-card-taken"), (.paper, "paper"),
        (.feeSettled, "fee-settled"), (.agentDocument, "agent-document"),
    ]

    /// Every proof with its Chinese name.
    static let chinese: [(proof: Proofs, name: String)] = [
        (.identityDocument, "身份证件"), (.face, "持卡人人脸比对"), (.signature, "持卡人或代办人签字"), (.cardRead, "读卡"),
        (.pinChanged, "本人改密码"), (.oldCardTaken, "收回旧卡"), (.paper, "凭证材料"), (.feeSettled, "费用结清"),
        (.agentDocument, "代办人证件"),
    ]

    /// The Chinese names of the proofs in it.
    public var chineseNames: [String] { Self.chinese.filter { contains($0.proof) }.map(\.name) }

    /// The names of the proofs in it.
    public var names: [String] { Self.named.filter { contains($0.proof) }.map(\.name) }
}
