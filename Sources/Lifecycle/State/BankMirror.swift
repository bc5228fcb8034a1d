/// Part D, 金融功能: what the bank last told of its side; the bank owns it and social acts never change it.
public enum BankMirror: String, Hashable, Sendable, CaseIterable {
    /// 未激活.
    case notActivated = "not-activated"
    /// 已激活.
    case active
    /// 已挂失 at the bank.
    case lost
    /// 已销户.
    case closed
    /// The bank has told nothing: so every card begins, and so it stays while nothing takes in what banks tell.
    case unknown
}
