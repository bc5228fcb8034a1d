import ByteText
import Foundation
import Lifecycle

/// A waiting act as its file has it: JSON, in which the act stands as the bytes that its event's body has.
extension WaitingAct {
    private struct Stored: Codable {
        struct Result: Codable {
            let state: String
            let by: UInt64
            let role: UInt8?
            let told: String?
        }

        let form: String
        let identifier: String
        let kind: UInt16
        let body: String
        let card: String?
        let seen: UInt64?
        let officer: UInt64
        let layout: String?
        let madeAt: UInt64
        let agent: String?
        let outcome: Result?
        let ruledBy: UInt64?
        let signers: [UInt64]?
    }

    private static let form = "sscard waiting act 1"

    /// The file's bytes.
    var encoded: Data {
        get throws {
            let body = EventBody(
                act: act, role: officer.role, secondRole: nil, proofs: proofs, policyVersion: policyVersion)
            let result: Stored.Result? =
                switch outcome {
                case nil: nil
                case .confirmed(let person, let path):
                    Stored.Result(
                        state: State.confirmed.rawValue, by: person.number, role: person.role.rawValue, told: path)
                case .sentBack(let person, let reason):
                    Stored.Result(state: State.sentBack.rawValue, by: person, role: nil, told: reason)
                case .closed(let person):
                    Stored.Result(state: State.closed.rawValue, by: person, role: nil, told: nil)
                case .withdrawn(let person):
                    Stored.Result(state: State.withdrawn.rawValue, by: person, role: nil, told: nil)
                }
            let encoder = JSONEncoder()
            encoder.outputFormatting = .sortedKeys
            return try encoder.encode(
                Stored(
                    form: Self.form, identifier: identifier, kind: act.kind.rawValue, body: body.encoded.hexadecimal,
                    card: card?.text, seen: seen, officer: officer.number, layout: layout, madeAt: madeAt,
                    agent: agent?.plain.hexadecimal, outcome: result, ruledBy: ruledBy,
                    signers: signers.isEmpty ? nil : signers.sorted()))
        }
    }

    /// Reads ``encoded``; nil for anything else.
    init?(encoded data: Data) {
        guard let stored = try? JSONDecoder().decode(Stored.self, from: data), stored.form == Self.form,
            let kind = ActKind(rawValue: stored.kind), let bytes = [UInt8](hexadecimal: stored.body),
            let body = try? EventBody(kind: kind, encoded: bytes)
        else { return nil }
        let card = stored.card.flatMap { [UInt8](hexadecimal: $0) }.flatMap { CardReference(bytes: $0) }
        guard (card != nil) == kind.concernsCard else { return nil }
        var outcome: Outcome?
        if let result = stored.outcome {
            switch State(rawValue: result.state) {
            case .confirmed:
                guard let role = result.role.flatMap(Role.init(rawValue:)) else { return nil }
                outcome = .confirmed(by: Officer(number: result.by, role: role), path: result.told ?? "/")
            case .sentBack: outcome = .sentBack(by: result.by, reason: result.told ?? "")
            case .closed: outcome = .closed(by: result.by)
            case .withdrawn: outcome = .withdrawn(by: result.by)
            default: return nil
            }
        }
        self.init(
            identifier: stored.identifier, act: body.act, card: card, seen: stored.seen,
            officer: Officer(number: stored.officer, role: body.role), proofs: body.proofs,
            agent: stored.agent.flatMap { [UInt8](hexadecimal: $0) }.flatMap(Agent.init(plain:)),
            policyVersion: body.policyVersion, layout: stored.layout, signers: Set(stored.signers ?? []),
            madeAt: stored.madeAt, outcome: outcome,
            ruledBy: stored.ruledBy)
    }
}
