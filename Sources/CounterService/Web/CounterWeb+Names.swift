import ByteText
import CardData
import Hummingbird
import Lifecycle
import Registry

/// Finding persons by how their name begins; everyone who is shown was looked up.
extension CounterWeb {
    /// A query that is a name: it has a letter that no number has.
    static func name(_ query: String) -> String? {
        let hasLetter = query.unicodeScalars.contains { scalar in
            !scalar.isASCII && !(0xFF01...0xFF5E).contains(scalar.value) && scalar.properties.isAlphabetic
        }
        return hasLetter ? PersonName.withoutInnerBlanks(dotted(query)) : nil
    }

    /// A query whose full stops between ideographs are the middle dots that they stand for.
    private static func dotted(_ query: String) -> String {
        let scalars = Array(query.unicodeScalars)
        var told = String.UnicodeScalarView()
        for (index, scalar) in scalars.enumerated() {
            let isStop = [".", "\u{FF0E}", "\u{3002}"].contains(scalar)
            let isBetween =
                index > 0 && index + 1 < scalars.count && scalars[index - 1].properties.isIdeographic
                && scalars[index + 1].properties.isIdeographic
            told.append(isStop && isBetween ? "\u{B7}" : scalar)
        }
        return String(told)
    }

    /// The persons whose name begins so; one alone is gone to at once.
    func namesPage(_ name: String, _ visitor: Visitor) async throws -> Response {
        let purpose = visitor.fields["purpose"]
        let found = try await lookUp(nameBeginning: name, visitor)
        if found.matches.count == 1, !found.hasMore, let only = found.matches.first {
            return goOn(to: "/people/\(only.reference.bytes.hexadecimal)")
        }
        var view = searchView(visitor, query: name, purpose: purpose)
        view["hasMatches"] = true
        view["hasMore"] = found.hasMore
        view["matches"] = found.matches.map { match in
            [
                "name": match.person.name.masked, "number": match.person.number.masked,
                "year": String(match.person.birthDate.text.prefix(4)),
                "sex": pages.words.text(Self.word(for: match.person.sex), visitor.language),
                "path": "/people/\(match.reference.bytes.hexadecimal)",
            ] as View
        }
        return show("search", visitor, title: pages.words.text("search", visitor.language), view)
    }

    /// Looks persons up by name; throws `counter.no-such-name` after the look-up has become an event.
    func lookUp(nameBeginning name: String, _ visitor: Visitor) async throws -> NameSearch {
        guard let purpose = LookUpPurpose.offered.first(where: { "\($0)" == visitor.fields["purpose"] }) else {
            let known = LookUpPurpose.offered.map { "\($0)" }.joined(separator: " ")
            throw Faults("counter.choice", ["field": "purpose", "known": known])
        }
        guard name.unicodeScalars.count >= Registry.leastNameCharacters else {
            throw Faults("counter.name-short", ["least": String(Registry.leastNameCharacters)])
        }
        let handling = try await handling(.lookUpPerson, visitor)
        let found = try await desk.registry {
            try $0.lookUpPersons(nameBeginning: name, purpose: purpose, handledBy: handling)
        }
        guard !found.matches.isEmpty else { throw Faults("counter.no-such-name") }
        for match in found.matches { note(match.person, match.reference, purpose, visitor) }
        return found
    }
}
