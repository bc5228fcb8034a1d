import CardData
import Lifecycle

/// The parts that forms share: proofs and choices.
extension CounterWeb {
    /// The proofs that rows ask for, a group for each, one of which is enough.
    func proofGroups(_ rows: [TransitionRow], _ visitor: Visitor) -> [View] {
        var groups: [Proofs] = []
        for need in rows.flatMap(\.needs) where !groups.contains(need) { groups.append(need) }
        // That the card was read is not ticked but seen; it may stand in for a tick.
        let unticked: Proofs = room.keys == nil ? .cardRead : [.cardRead, .pinChanged]
        return groups.filter { !$0.subtracting(unticked).isEmpty }.map { group in
            let proofs = group.subtracting(unticked).names.map { name in
                [
                    "name": name, "word": pages.words.text("proof-\(name)", visitor.language),
                    "isOn": visitor.fields.isOn("proof-\(name)"),
                ] as View
            }
            return ["proofs": proofs, "isAnyOf": proofs.count > 1, "isOrChip": group.contains(.cardRead)]
        }
    }

    /// One of several words, none chosen beforehand where it decides something.
    func choiceView(_ field: String, _ words: [String], _ visitor: Visitor) -> View {
        [
            "field": field, "legend": pages.words.text("choice-\(field)", visitor.language),
            "options": words.map { word in
                [
                    "value": word, "name": pages.words.text("\(field)-\(word)", visitor.language),
                    "isChosen": visitor.fields[field] == word,
                ] as View
            },
        ]
    }
}
