import CardData
import Foundation
import Lifecycle
import Testing

@testable import Issuing

/// Serials that come into stock are as long as the profiles of the site's cards and PSAMs say.
@Suite struct ChipNumberRuleTests {
    /// Thirteen historical bytes of a social security card (card.md §2.7); twelve in the answer to reset of a PSAM (`profiles/psam.yaml`).
    private static let lengths: [StockKind: Int] = [.blank: 13, .finished: 13, .spoiled: 13, .securityModule: 12]

    private static func codes(_ library: CardLibrary, _ kind: StockKind, _ lengths: Int...) -> [String] {
        do {
            let serials = ChipSerials(lengths.map { [UInt8](repeating: UInt8($0), count: $0) })
            try library.chipNumbers().check(.received(kind, try #require(serials)))
            return []
        } catch {
            return (error as? any FaultReporting)?.faults.map(\.code.rawValue) ?? ["\(error)"]
        }
    }

    @Test func aSerialIsAsLongAsTheProfileOfItsKindSays() throws {
        let library = try CardLibrary(home: Counter.home)
        for (kind, length) in Self.lengths {
            #expect(Self.codes(library, kind, length) == [], "\(kind)")
            for wrong in [1, 6, length - 1, length + 1, 16] {
                #expect(Self.codes(library, kind, wrong) == ["stock.serial-length"], "\(kind) of \(wrong)")
            }
            #expect(Self.codes(library, kind, length, 6, 7).count == 2, "each wrong one is told")
        }
    }

    /// What is in the book already moves on, however long its serial is.
    @Test func onlyWhatComesInIsHeldToIt() throws {
        let rule = try CardLibrary(home: Counter.home).chipNumbers()
        let short = try #require(ChipSerials([[0x99]]))
        for move in [StockMove.missed(.blank, short), .destroyed(.blank, short), .returned(.blank, short)] {
            #expect(throws: Never.self) { try rule.check(move) }
        }
    }

    /// The profile's setting `identity` makes the length.
    @Test(arguments: [("historical-bytes", 13), ("{offset: 5, count: 8}", 8), ("{offset: 7, count: 6}", 6)])
    func theProfilesIdentityMakesTheLength(identity: String, length: Int) throws {
        let home = FileManager.default.temporaryDirectory.appending(path: "chips-\(UUID().uuidString)").path
        defer { try? FileManager.default.removeItem(atPath: home) }
        try FileManager.default.createDirectory(atPath: home, withIntermediateDirectories: true)
        try FileManager.default.copyItem(atPath: Counter.home + "/CardLayouts", toPath: home + "/CardLayouts")
        let profiles = home + "/CardLayouts/profiles"
        for name in try FileManager.default.contentsOfDirectory(atPath: profiles)
        where name.hasSuffix(".yaml") && name != "fmcos-ssse.yaml" && !name.hasPrefix("psam") {
            try FileManager.default.removeItem(atPath: profiles + "/" + name)
        }
        let path = profiles + "/fmcos-ssse.yaml"
        let text = try String(contentsOfFile: path, encoding: .utf8)
        try text.replacing("identity: historical-bytes ", with: "identity: \(identity) ")
            .write(toFile: path, atomically: true, encoding: .utf8)
        let library = try CardLibrary(home: home)
        #expect(Self.codes(library, .blank, length) == [])
        #expect(Self.codes(library, .blank, length - 1) == ["stock.serial-length"])
    }
}
