import CardData
import Lifecycle

/// A replacement as it stands in a journal: who approved the end of which old card is fixed when the new one is begun, and a torn
/// card is finished on the same terms, whoever finishes it.
extension IssuingRequest.Replacement {
    /// The replacement as notes of a journal.
    var notes: [String: String] {
        var notes = [
            "replaces": number.text, "reason": String(reason.rawValue), "officer": String(handling.officer.number),
            "role": String(handling.officer.role.rawValue), "proofs": String(handling.proofs.rawValue),
        ]
        if let second = handling.second {
            notes["second"] = String(second.number)
            notes["secondRole"] = String(second.role.rawValue)
        }
        return notes
    }

    /// Reads what ``notes`` wrote; nil when the card replaces none.
    init?(notes: [String: String]) throws(Faults) {
        guard let text = notes["replaces"] else { return nil }
        func number<Number: FixedWidthInteger>(_ name: String) -> Number? { notes[name].flatMap { Number($0) } }
        guard let reason = number("reason").flatMap(ReplacementReason.init(rawValue:)),
            let officer: UInt64 = number("officer"), let role = number("role").flatMap(Role.init(rawValue:)),
            let proofs: UInt16 = number("proofs")
        else { throw Faults("journal.notes") }
        var second: Officer?
        if let person: UInt64 = number("second"), let role = number("secondRole").flatMap(Role.init(rawValue:)) {
            second = Officer(number: person, role: role)
        }
        self.init(
            number: try CardNumber(text), reason: reason,
            handling: Handling(
                by: Officer(number: officer, role: role), second: second, proofs: Proofs(rawValue: proofs)))
    }
}
