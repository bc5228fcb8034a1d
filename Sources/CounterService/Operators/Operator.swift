import Lifecycle

/// A person who may use the counter service.
public struct Operator: Hashable, Sendable {
    /// The number under which acts name the person; 0 belongs to nobody.
    public let number: UInt64
    /// 姓名, for colleagues to read.
    public let name: String
    /// What the person may be.
    public let roles: Set<OperatorRole>
    /// What is new with every new password and says nothing about it; empty before there is one.
    let passwordMark: String

    /// An operator.
    public init(number: UInt64, name: String, roles: Set<OperatorRole>) {
        self.number = number
        self.name = name
        self.roles = roles
        passwordMark = ""
    }

    /// An operator of the register.
    init(number: UInt64, name: String, roles: Set<OperatorRole>, passwordMark: String) {
        self.number = number
        self.name = name
        self.roles = roles
        self.passwordMark = passwordMark
    }

    /// The role to take where one of several would do: one of the allowed ones, else the first, which the rules then refuse.
    func role(among allowed: Set<Role>) -> Role? {
        let mine = OperatorRole.allCases.filter(roles.contains).compactMap(\.role)
        return mine.first(where: allowed.contains) ?? mine.first
    }
}
