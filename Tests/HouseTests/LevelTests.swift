import Foundation
import Testing

/// An import goes strictly downward (the table of levels is in House.swift).
@Suite struct LevelTests {
    @Test func everyDeclaredDependencyGoesDownward() throws {
        let graph = try PackageGraph.load()
        let rooms = graph.rooms
        #expect(graph.shared == ["SeededNumbers"])
        #expect(!rooms.contains { !Set($0.used).isDisjoint(with: graph.shared) }, "a room uses what is for tests")
        #expect(rooms.contains { $0.name == "CardLayout" && $0.used.contains("CardData") }, "the graph was read")
        #expect(!rooms.contains { $0.used.contains("HummingbirdTesting") })
        for room in rooms {
            #expect(House.height(of: room.name) != nil, "\(room.name) has no place in the house")
            for used in room.used {
                let fault = House.fault(room.name, using: used)
                #expect(fault == nil)
            }
        }
    }

    /// SwiftPM lets a source import what its target does not declare, as long as something else had it built.
    @Test func everyImportIsDeclaredAndGoesDownward() throws {
        let rooms = try PackageGraph.load().rooms
        let names = Set(rooms.map(\.name))
        var seen = 0
        for room in rooms {
            let folder = packageFolder.appending(path: "Sources/\(room.name)")
            for file in try SourceFile.all(in: folder, extensions: ["swift"]) {
                for imported in file.imports where names.contains(imported) {
                    seen += 1
                    let fault = House.fault(room.name, using: imported)
                    #expect(fault == nil, "\(file.path)")
                    #expect(room.used.contains(imported), "\(file.path) imports \(imported), which \(room.name) lacks")
                }
            }
        }
        #expect(seen > 0)
    }

    @Test(arguments: [
        ("CardData", "ISO7816"), ("CardData", "CardLayout"), ("ISO7816", "ISO7816"), ("CardApplication", "Registry"),
        ("CardLayout", "COpenSSL"), ("VirtualCard", "CPCSC"), ("VirtualCard", "IssuerKeys"),
        ("Personalization", "Issuing"),
        ("Cellar", "CardData"), ("sscard", "HummingbirdTLS"), ("sscardd", "NIOSSL"),
    ])
    func wrongUsesAreFound(room: String, other: String) { #expect(House.fault(room, using: other) != nil) }

    @Test(arguments: [
        ("CardData", "ByteText"), ("CardCryptography", "COpenSSL"), ("SmartCardReader", "CPCSC"), ("sscard", "Issuing"),
        ("CardData", "Yams"),
    ])
    func rightUsesAreLetThrough(room: String, other: String) { #expect(House.fault(room, using: other) == nil) }

    @Test func importsAreFoundInEverySpelling() {
        let file = SourceFile(
            path: "x",
            text: """
                import A
                public import B
                @testable import C
                @preconcurrency internal import D
                import struct E.F
                // import G
                let text = "import H"
                """)
        #expect(file.imports == ["A", "B", "C", "D", "E"])
    }
}
