import Issuing
import Lifecycle

extension KeyRole {
    /// The role in which somebody uses keys who acts in a role of the offices.
    ///
    /// The policy of use knows no keeper of stock: who keeps it reads cards as a teller does.
    init(of role: Role?) {
        switch role {
        case .supervisor: self = .supervisor
        case .personalizer: self = .personalizer
        default: self = .teller
        }
    }
}

extension Operator {
    /// The role in which the operator reads cards: as a teller, where that is one of their roles.
    var keyRole: KeyRole { KeyRole(of: role(among: [.teller])) }
}
