import Lifecycle

/// Who handles an act and on what proofs, as it travels to a running service by its socket.
struct SentHandling: Codable, Sendable {
    private let officer: UInt64
    private let role: UInt8
    private let second: UInt64?
    private let secondRole: UInt8?
    private let proofs: UInt16

    init(_ handling: Handling) {
        officer = handling.officer.number
        role = handling.officer.role.rawValue
        second = handling.second?.number
        secondRole = handling.second?.role.rawValue
        proofs = handling.proofs.rawValue
    }

    /// Who handles it; nil for roles that nobody has.
    var handling: Handling? {
        guard let role = Role(rawValue: role) else { return nil }
        var confirming: Officer?
        if let second {
            guard let role = secondRole.flatMap(Role.init(rawValue:)) else { return nil }
            confirming = Officer(number: second, role: role)
        }
        return Handling(
            by: Officer(number: officer, role: role), second: confirming, proofs: Proofs(rawValue: proofs))
    }
}
