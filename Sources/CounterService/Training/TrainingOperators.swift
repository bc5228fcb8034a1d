import CardCryptography
import CardData

/// The operators of a counter for practice; their one password is known to everybody.
public enum TrainingOperators {
    /// The password of all of them.
    public static let password = "practice-only"

    /// So many for each role that every act at a counter can be practised: pieces go from one teller to another, a correction wants two
    /// supervisors, and finished cards come in with somebody who may answer for their making.
    static let all = [
        Operator(number: 1001, name: "张一", roles: [.teller, .personalizer]),
        Operator(number: 1002, name: "钱四", roles: [.teller, .personalizer]),
        Operator(number: 2001, name: "李二", roles: [.supervisor]),
        Operator(number: 2002, name: "赵六", roles: [.supervisor]),
        Operator(number: 3001, name: "王三", roles: [.stockKeeper, .personalizer]),
        Operator(number: 9001, name: "周五", roles: [.administrator]),
    ]

    /// Adds them to a register that has nobody yet.
    public static func add(to register: OperatorRegister) throws {
        guard try register.all().isEmpty else { return }
        for person in all {
            try register.add(person, password: SecretBytes(copying: Array(password.utf8)))
        }
    }
}
