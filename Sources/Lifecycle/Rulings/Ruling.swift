/// What the centre rules on an act that it has stored; every act is stored, whatever the ruling.
public enum Ruling: Hashable, Sendable {
    /// 生效: it did what it says.
    case applied
    /// 部分生效: it stands, and something else still stops the card.
    case restricted
    /// 已被取代: another act decides; this one stays in the record.
    case superseded
    /// 待人工处理: it stands, and a person must look at it.
    case needsPerson(RulingTask)

    /// The Chinese words.
    public var chinese: String {
        switch self {
        case .applied: "生效"
        case .restricted: "部分生效"
        case .superseded: "已被取代"
        case .needsPerson(let task): task.chinese
        }
    }

    /// The name in the feed and in JSON.
    public var name: String {
        switch self {
        case .applied: "applied"
        case .restricted: "restricted"
        case .superseded: "superseded"
        case .needsPerson: "needs-person"
        }
    }
}

/// What a person has to look at after acts crossed.
public enum RulingTask: String, Hashable, Sendable, CaseIterable {
    /// 补领与挂失交叉: a report about the person crossed the making of a new card; holder and counters are told.
    case successorOnHold = "successor-on-hold"
    /// 重复补领: two replacements of one card; the later card is taken back, its fee given back.
    case duplicateReplacement = "duplicate-replacement"
    /// 挂失期间重置密码: a PIN was set anew while a loss was on its way: found card or fraud.
    case pinResetDuringLoss = "pin-reset-during-loss"
    /// 注销与补换交叉: a cancellation crossed the making of a new card, which is stopped with it.
    case successorCancelled = "successor-cancelled"

    /// The Chinese words.
    public var chinese: String {
        switch self {
        case .successorOnHold: "新卡与挂失交叉，待核实"
        case .duplicateReplacement: "重复补换，收回后制的卡并退费"
        case .pinResetDuringLoss: "挂失期间重置过密码，待核实"
        case .successorCancelled: "注销与补换交叉，新卡一并停用"
        }
    }
}
