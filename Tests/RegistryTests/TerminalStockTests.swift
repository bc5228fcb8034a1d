import CardData
import Foundation
import GRDB
import Lifecycle
import Testing

@testable import Registry

/// PSAMs that are built into terminals and taken out again: out of everybody's count, and not out of the book.
@Suite struct TerminalStockTests {
    private static let keeper = Handling(
        by: Officer(number: 3001, role: .stockKeeper), second: Officer(number: 1003, role: .supervisor),
        proofs: Office.everyProof)
    private static let teller = Handling(
        by: Officer(number: 1002, role: .teller), second: Officer(number: 3001, role: .stockKeeper))

    private func serials(_ numbers: UInt8...) throws -> ChipSerials {
        try #require(ChipSerials(numbers.map { [0x99, 0, 0, $0] }))
    }

    private func stocked(_ office: Office) throws -> Registry {
        let registry = try office.open(site: "version: test-1\nstock-book: true\ntwo-person: []\n")
        try registry.record(.stock(.received(.securityModule, try serials(1, 2))), handledBy: Self.keeper)
        return registry
    }

    private func reasons(_ body: () throws -> Void) throws -> [LifecycleRefusal.Reason] {
        let error = try #require(throws: RegistryError.self, performing: body)
        guard case .refused(let refusal) = error else { throw error }
        return refusal.reasons
    }

    @Test func aModuleInATerminalIsNobodysToCountAndComesOutAgain() throws {
        let office = Office()
        let registry = try stocked(office)
        let terminal = try TerminalNumber("t-4401")
        #expect(terminal.text == "T-4401")
        try registry.record(.stock(.installed(try serials(1), in: terminal)), handledBy: Self.keeper)
        let built = StockPiece(serial: [0x99, 0, 0, 1], kind: .installed, owner: 3001, terminal: terminal)
        #expect(try registry.stock([0x99, 0, 0, 1]) == built)
        #expect(try registry.installedModules() == [built])
        let count = DayCount(day: 20_261_128, owner: 3001, counted: [.securityModule: try serials(2)])
        try registry.record(.dayClosed(count), handledBy: Self.keeper)
        // Whoever takes it out answers for it, and not whoever built it in.
        try registry.record(.stock(.takenOut(try serials(1), of: terminal)), handledBy: Self.teller)
        #expect(try registry.stock(of: 1002) == [.securityModule: [[0x99, 0, 0, 1]]])
        #expect(try registry.installedModules().isEmpty)
        #expect(
            try reasons { try registry.record(.stock(.takenOut(try serials(1), of: terminal)), handledBy: Self.teller) }
                == [.pieceNotInBook([0x99, 0, 0, 1])])
        let hash = try registry.canonicalDumpHash()
        #expect(try registry.rebuild() == hash)
        #expect(try registry.verify().isGood)
    }

    @Test func twoSignWhateverThePolicySaysAndEachForWhatIsTheirs() throws {
        let registry = try stocked(Office())
        let terminal = try TerminalNumber("T-4401")
        let alone = Handling(by: Self.keeper.officer)
        func install(_ serials: ChipSerials, _ handling: Handling) -> () throws -> Void {
            { try registry.record(.stock(.installed(serials, in: terminal)), handledBy: handling) }
        }
        let holders: Set<Role> = [.stockKeeper, .teller, .supervisor, .personalizer]
        #expect(try reasons(install(serials(1), alone)) == [.secondPersonMissing(allowed: holders)])
        let piece = StockPiece(serial: [0x99, 0, 0, 1], kind: .securityModule, owner: 3001)
        #expect(try reasons(install(serials(1), Self.teller)) == [.pieceOfAnother(piece, officer: 1002)])
        try install(serials(1), Self.keeper)()
        #expect(try reasons(install(serials(1), Self.keeper)) == [.pieceNotInBook([0x99, 0, 0, 1])])
        let built = StockPiece(serial: [0x99, 0, 0, 1], kind: .installed, owner: 3001, terminal: terminal)
        #expect(
            try reasons {
                try registry.record(
                    .stock(.takenOut(try serials(1), of: try TerminalNumber("T-4402"))), handledBy: Self.keeper)
            } == [.pieceInAnotherTerminal(built)])
        #expect(
            try reasons {
                try registry.record(.stock(.received(.securityModule, try serials(1))), handledBy: Self.keeper)
            }
                == [.pieceInBook(built)])
        // A terminal that is stolen takes its module along.
        try registry.record(.stock(.missed(.installed, try serials(1))), handledBy: Self.keeper)
        #expect(try registry.stock([0x99, 0, 0, 1]) == nil)
    }

    @Test(arguments: ["", "T 1", "终端1", "T_1", String(repeating: "1", count: 33)])
    func whatNoLabelBearsIsNoTerminalsNumber(text: String) {
        #expect(throws: Faults.self) { try TerminalNumber(text) }
    }

    /// The book of an older program had no terminals, and is brought up to date without being made again.
    @Test func aBookWithoutTerminalsGetsThem() throws {
        let office = Office()
        var older: Registry? = try stocked(office)
        try older?.close()
        older = nil
        try DatabaseQueue(path: office.path + "/registry.sqlite").write {
            try $0.execute(
                sql: DividedCardsTests.asBefore + "ALTER TABLE stock DROP COLUMN terminal; PRAGMA user_version = 8")
        }
        let registry = try office.open()
        try registry.record(
            .stock(.installed(try serials(1), in: try TerminalNumber("T-1"))), handledBy: Self.keeper)
        #expect(try registry.installedModules().map(\.terminal?.text) == ["T-1"])
        let hash = try registry.canonicalDumpHash()
        #expect(try registry.rebuild() == hash)
    }
}
