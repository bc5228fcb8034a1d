import Issuing
import Lifecycle

extension Operator {
    /// The role in which the operator reads cards: as a teller, where that is one of their roles.
    var keyRole: KeyRole { KeyRole(of: role(among: [.teller])) }
}
