import Lifecycle

/// A person who may use the counter service.
public struct Operator: Hashable, Sendable {
    /// The number under which acts name the person; 0 belongs to nobody.
    public let number: UInt64
    /// 姓名, for colleagues to read.
    public let name: String
    /// What the person may be.
    public let roles: Set<OperatorRole>
    /// The card that the person shows at log-in; nil for one who logs in with the password alone.
    public let card: OperatorCard?
    /// What is new with every new password, card or role, and says nothing about the password; empty before there is one.
    let sessionMark: String
    /// Whether whoever wrote the register gave the password, and knows it.
    let isPasswordGiven: Bool

    /// An operator.
    public init(number: UInt64, name: String, roles: Set<OperatorRole>) {
        self.init(number: number, name: name, roles: roles, card: nil, sessionMark: "", isPasswordGiven: false)
    }

    /// An operator of the register.
    init(
        number: UInt64, name: String, roles: Set<OperatorRole>, card: OperatorCard?, sessionMark: String,
        isPasswordGiven: Bool
    ) {
        self.number = number
        self.name = name
        self.roles = roles
        self.card = card
        self.sessionMark = sessionMark
        self.isPasswordGiven = isPasswordGiven
    }

    /// The role to take where one of several would do: one of the allowed ones, else the first, which the rules then refuse.
    func role(among allowed: Set<Role>) -> Role? {
        let mine = OperatorRole.allCases.filter(roles.contains).compactMap(\.role)
        return mine.first(where: allowed.contains) ?? mine.first
    }

    /// As ``role(among:)``; a supervisor does what is the upper tier's alone, where the policy gives that to the counter.
    func role(among allowed: Set<Role>, under policy: LifecyclePolicy) -> Role? {
        let own = role(among: allowed)
        if let own, allowed.contains(own) { return own }
        let isTier = policy.upperTier == .counter && roles.contains(.supervisor) && allowed.contains(.upperTier)
        return isTier ? .upperTier : own
    }
}
