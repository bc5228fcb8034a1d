import ArgumentParser
import CardData
import Lifecycle

/// Who acts, who confirms, and on what proof.
struct OfficerOptions: ParsableArguments {
    @Option(
        help: """
            经办人编号 Number of the officer who acts, or uses keys; training and development take 1001 where none is named, in production \
            it has to be named.
            """)
    var officer: UInt64?

    @Option(help: "经办角色 Role: teller, supervisor, stock-keeper, personalizer …")
    var role: String?

    @Option(help: "复核人编号 Number of the second person, where the policy asks for one.")
    var second: UInt64?

    @Option(name: .customLong("second-role"), help: "复核角色 The second person's role.")
    var secondRole = "supervisor"

    @Option(
        help: """
            证明 Proof, repeated: identity-document, face, signature, card-read, pin-changed, old-card-taken, paper, \
            fee-settled, agent-document.
            """)
    var proof: [String] = []

    /// Who acts where cards are made up and nobody was named.
    static let ofDevelopment: UInt64 = 1001

    /// Who acts; ``Site/acting(_:)`` refuses where nobody was named and somebody has to be.
    var number: UInt64 { officer ?? Self.ofDevelopment }

    /// The handling of an act; `role` is the one that is meant when none is named.
    func handling(as role: Role) throws(Faults) -> Handling {
        var proofs: Proofs = []
        for name in proof {
            guard let found = Proofs.named.first(where: { $0.name == name }) else {
                let known = Proofs.named.map(\.name).joined(separator: " ")
                throw Faults("tool.unknown-proof", ["proof": name, "known": known])
            }
            proofs.insert(found.proof)
        }
        let acting = try self.role.map { name throws(Faults) in try word(name, Role.allCases, \.name) } ?? role
        let confirming = try word(secondRole, Role.allCases, \.name)
        return Handling(
            by: Officer(number: number, role: acting),
            second: second.map { Officer(number: $0, role: confirming) }, proofs: proofs)
    }
}

/// Finds the value that a word on the command line means.
func word<Value>(_ text: String, _ values: [Value], _ name: (Value) -> String) throws(Faults) -> Value {
    guard let value = values.first(where: { name($0) == text }) else {
        throw Faults("tool.unknown-word", ["word": text, "known": values.map(name).joined(separator: " ")])
    }
    return value
}
