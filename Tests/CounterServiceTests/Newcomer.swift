import CardData
import Lifecycle
import Registry

/// One invented person, for tests that want somebody on record before the window opens.
enum Newcomer {
    /// Who takes them in.
    static let teller = Handling(by: Officer(number: 1001, role: .teller), proofs: .identityDocument)

    static func register(in registry: Registry) throws -> PersonReference {
        let number = try CitizenNumber("990165200802116857")
        return try registry.register(
            Person(
                number: .citizen(number), name: try PersonName("张三"), sex: number.sex,
                ethnicGroup: try EthnicGroup("01"), birthDate: number.birthDate, birthPlace: "990165"),
            handledBy: teller)
    }
}
