public import Lifecycle

extension KeyRole {
    /// The role in which somebody uses keys who acts in a role of the offices.
    ///
    /// The policy of use knows no keeper of stock: who keeps it reads cards as a teller does.
    public init(of role: Role?) {
        switch role {
        case .supervisor: self = .supervisor
        case .personalizer: self = .personalizer
        default: self = .teller
        }
    }
}
