import CardData
import Lifecycle

/// Values that the tests share; every person and area in them is invented (area 99 belongs to nobody).
enum Samples {
    static func card(_ serial: UInt8 = 1) throws -> CardReference {
        CardReference(
            try IdentificationCode(
                areaCode: "990100", serial: [0, 0, 0, serial], authenticationCode: [0x11, 0x22, 0x33, 0x44]))
    }

    static func person() throws -> PersonReference {
        try required(PersonReference(bytes: Array(0..<32)))
    }

    /// D2143569-X is the example of the file structure specification, appendix A.
    static func facts(blankSerial: [UInt8] = [1, 2, 3, 4, 5, 6, 7, 8]) throws -> CardFacts {
        CardFacts(
            number: try CardNumber("D2143569X"), person: try person(), layout: "national-3.0", profile: "fmcos",
            area: "990100", issued: try CardDate("20251009"), expires: try CardDate("20351008"),
            planHash: Array(repeating: 0x5A, count: 32), blankSerial: blankSerial)
    }

    static let everyProof = Proofs(Proofs.named.map(\.proof))

    /// Whoever may do the act, with a second person and every proof.
    static func handling(of act: Act, on state: CardState = .beginning) throws -> Handling {
        let rows = act.transitions(on: state).map(TransitionTable.row)
        let officers = rows.dropFirst().reduce(rows[0].officers) { $0.intersection($1.officers) }
        let seconds = rows.dropFirst().reduce(rows[0].secondPersons) { $0.intersection($1.secondPersons) }
        return Handling(
            by: Officer(number: 1, role: try required(officers.min { $0.rawValue < $1.rawValue })),
            second: Officer(number: 2, role: try required(seconds.min { $0.rawValue < $1.rawValue })),
            proofs: everyProof)
    }

    static func required<Value>(_ value: Value?) throws -> Value {
        guard let value else { throw Missing() }
        return value
    }

    struct Missing: Error {}
}
