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

    static func serials(_ numbers: UInt8...) throws -> ChipSerials {
        try required(ChipSerials(numbers.map { [0x99, $0] }))
    }

    /// One act for each row that is about no card, in the order of the rows; `earlier` names what they go back to.
    static func officeActs(_ earlier: EventIdentifier) throws -> [(Transition, Act)] {
        func step(_ step: ApplicationStep) -> Act { .application(earlier, step) }
        let lease = Lease(
            counter: 9, area: "990101", numbers: try CardNumberRange(letter: "D", first: 100, last: 299),
            terms: LeaseTerms(registerHours: 24, cardsPerDay: 30, cards: 200))
        return [
            (.submit, .submitted(try application())), (.askSupplement, step(.supplementAsked())),
            (.supplement, step(.supplemented)), (.approve, step(.approved)), (.reject, step(.rejected(.photo))),
            (.withdraw, step(.withdrawn)), (.beginProduction, step(.productionBegun)),
            (.failProduction, step(.productionFailed())), (.finish, step(.ready(try card()))),
            (.collect, step(.collected())), (.lapse, step(.lapsed())),
            (.undoCollection, step(.collectionUndone)),
            (.receiveStock, .stock(.received(.blank, try serials(1, 2)))),
            (.handOverStock, .stock(.handedOver(.blank, try serials(1), from: 1, to: 2))),
            (.missStock, .stock(.missed(.securityModule, try serials(3)))),
            (.destroyStock, .stock(.destroyed(.spoiled, try serials(4)))),
            (.returnStock, .stock(.returned(.blank, try serials(5)))),
            (.installModule, .stock(.installed(try serials(6), in: try TerminalNumber("T-4401")))),
            (.takeOutModule, .stock(.takenOut(try serials(6), of: try TerminalNumber("T-4401")))),
            (.closeDay, .dayClosed(DayCount(day: 20_261_128, owner: 1, counted: [.blank: try serials(1, 2)]))),
            (.grantLease, .leaseGranted(try required(lease))), (.returnLease, .leaseReturned(earlier)),
            (
                .restoreRegistry,
                .registryRestored(
                    try required(Restoration(manifest: Array(repeating: 0x5A, count: 32), newestKnown: 48)))
            ),
        ]
    }

    static func application() throws -> ApplicationFacts {
        ApplicationFacts(person: try person(), kind: .first, way: .instant, channel: .counter, batch: "school-1")
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
