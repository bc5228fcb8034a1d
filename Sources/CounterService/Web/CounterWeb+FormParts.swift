import CardData
import Lifecycle

/// The parts that forms share: proofs and choices.
extension CounterWeb {
    /// The proofs that rows ask for, a group for each, one of which is enough; and others that may have to be given.
    func proofGroups(_ rows: [TransitionRow], _ visitor: Visitor, besides: [Proofs] = []) -> [View] {
        var groups: [Proofs] = []
        let needs = rows.flatMap { $0.needs(under: desk.policy) } + besides
        for need in needs where !groups.contains(need) { groups.append(need) }
        // That the card was read is not ticked but seen; it may stand in for a tick.
        let unticked: Proofs = room.keys == nil ? .cardRead : [.cardRead, .pinChanged]
        return groups.filter { !$0.subtracting(unticked).isEmpty }.map { group in
            var view = proofGroup(group.subtracting(unticked), visitor)
            view["isOrChip"] = group.contains(.cardRead)
            return view
        }
    }

    /// Proofs of which one is enough.
    func proofGroup(_ group: Proofs, _ visitor: Visitor) -> View {
        let proofs = group.names.map { name in
            // On a form nobody knows yet whether the holder has come or an agent.
            let word = name == "signature" ? "proof-signature-either" : "proof-\(name)"
            return [
                "name": name, "word": pages.words.text(word, visitor.language),
                "isOn": visitor.fields.isOn("proof-\(name)"),
            ] as View
        }
        return ["proofs": proofs, "isAnyOf": proofs.count > 1]
    }

    /// What was seen and checked, in words; where an agent came, the signature is the agent's and not the holder's.
    func told(_ proofs: Proofs, _ language: MessageLanguage) -> String? {
        let words = proofs.names.map { name in
            let isAgents = name == "signature" && proofs.contains(.agentDocument)
            return pages.words.text(isAgents ? "proof-signature-agent" : "proof-\(name)", language)
        }
        return words.isEmpty ? nil : words.joined(separator: language == .chinese ? "；" : "; ")
    }

    /// What stands on the button of an act: that it is confirmed, said once.
    func confirming(_ name: String, _ language: MessageLanguage) -> String {
        let isSaid = language == .chinese ? name.contains("确认") : name.lowercased().contains("confirm")
        return isSaid ? name : pages.words.text("confirm", language) + name
    }

    /// One of several words, none chosen beforehand where it decides something.
    ///
    /// - Parameter usual: the word that is chosen unless another is.
    func choiceView(_ field: String, _ words: [String], _ visitor: Visitor, unless usual: String = "") -> View {
        let chosen = visitor.fields[field].isEmpty ? usual : visitor.fields[field]
        return [
            "field": field, "legend": pages.words.text("choice-\(field)", visitor.language),
            "options": words.map { word in
                [
                    "value": word, "name": pages.words.text("\(field)-\(word)", visitor.language),
                    "isChosen": chosen == word,
                ] as View
            },
        ]
    }
}
