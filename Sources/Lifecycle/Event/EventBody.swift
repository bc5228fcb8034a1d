import ByteText
import CardData

/// What an event says was done: the act, who handled it, and under which policy.
public struct EventBody: Hashable, Sendable {
    /// The act.
    public let act: Act
    /// The role of the person whose number stands in the event's frame.
    public let role: Role
    /// The role of the second person; nil when there was none.
    public let secondRole: Role?
    /// What was shown.
    public let proofs: Proofs
    /// The version of the policy that the act was judged by.
    public let policyVersion: String
    /// Who came in the holder's place, sealed into this event; empty for nobody.
    public let sealedAgent: [UInt8]

    /// A body from its parts.
    public init(
        act: Act, role: Role, secondRole: Role?, proofs: Proofs, policyVersion: String, sealedAgent: [UInt8] = []
    ) {
        self.sealedAgent = sealedAgent
        self.act = act
        self.role = role
        self.secondRole = secondRole
        self.proofs = proofs
        self.policyVersion = policyVersion
    }

    /// The body's bytes: fields of tag (1 byte), length (2 bytes) and value, in rising order of their tags; a field
    /// that has nothing to say is left out.
    public var encoded: [UInt8] {
        var writer = FieldWriter()
        writer.put(.role, byte: role.rawValue)
        if let secondRole { writer.put(.secondRole, byte: secondRole.rawValue) }
        writer.put(.proofs, number: proofs.rawValue)
        writer.put(.policyVersion, policyVersion)
        if !sealedAgent.isEmpty { writer.put(.agent, sealedAgent) }
        act.put(into: &writer)
        return writer.bytes
    }

    /// Reads a body of this kind; throws for anything but the one form that ``encoded`` writes.
    public init(kind: ActKind, encoded: [UInt8]) throws(EventFormatError) {
        var reader = try FieldReader(encoded)
        role = try reader.code(.role)
        secondRole = try reader.optionalCode(.secondRole)
        proofs = Proofs(rawValue: try reader.number(.proofs))
        policyVersion = try reader.text(.policyVersion)
        sealedAgent = try reader.optionalValue(.agent) { $0.isEmpty ? nil : $0 } ?? []
        act = try Act(kind: kind, from: &reader)
        try reader.finish()
    }
}
