import CardCryptography
import CardData

/// The operators of a counter for practice; their one password is known to everybody.
public enum TrainingOperators {
    /// The password of all of them.
    public static let password = "practice-only"

    /// One for each role that a day at a counter needs.
    static let all = [
        Operator(number: 1001, name: "张一", roles: [.teller, .personalizer]),
        Operator(number: 2001, name: "李二", roles: [.supervisor]),
        Operator(number: 3001, name: "王三", roles: [.stockKeeper]),
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
