import CardData
import CardLayout
import Foundation
import Testing

/// Every broken layout of `Fixtures/layouts` beside the faults it must give: file, line, column, code.
///
/// The expected faults were written by hand from the layouts: each line of a fixture that breaks a rule has its own.
@Suite struct GoldenLintTests {
    /// A library of the fixtures with the layouts and profiles that they extend.
    static func library(in scratch: ScratchFolder) throws -> LayoutLibrary {
        let manager = FileManager.default
        for folder in ["", "/profiles"] {
            let target = scratch.path + "/CardLayouts" + folder
            try manager.createDirectory(atPath: target, withIntermediateDirectories: true)
            for source in [Home.path + "/CardLayouts" + folder, Home.path + "/Fixtures/layouts" + folder] {
                for name in try manager.contentsOfDirectory(atPath: source) where name.hasSuffix(".yaml") {
                    try manager.copyItem(atPath: source + "/" + name, toPath: target + "/" + name)
                }
            }
        }
        return LayoutLibrary(home: scratch.path)
    }

    @Test(arguments: ["broken", "broken-form", "broken-extension", "broken-access", "broken-later-form"])
    func aBrokenLayoutGivesItsFaults(name: String) throws {
        let scratch = try ScratchFolder()
        let library = try Self.library(in: scratch)
        var faults = FaultCollector()
        let found = faults.attempt { () throws(Faults) in
            let layout = try library.layout(named: name)
            return LayoutLint(
                layout: layout, profile: try library.profile(named: layout.profileName),
                keyNames: LayoutLintTests.keyNames, codeTables: try Home.library.codeTableNames,
                base: try LayoutReader.readBase(of: layout), measured: CardCost(commands: 2, bytes: 1, seconds: 1.5)
            ).check()
        }
        let lines = (found ?? faults.faults).map { fault in
            let place = fault.place ?? SourcePlace(file: "?", line: 0)
            return "\(place.file.split(separator: "/").last ?? ""):\(place.line):\(place.column) \(fault.code.rawValue)"
        }
        let expected = try String(contentsOfFile: Home.fixture(name + ".faults"), encoding: .utf8)
            .split(separator: "\n").map(String.init)
        #expect(lines.sorted(by: Self.inOrder) == expected.sorted(by: Self.inOrder))
        // Each of them says what to do, in both languages.
        for fault in found ?? faults.faults {
            for language in MessageLanguage.allCases {
                #expect(!MessageCatalogue.standard.text(for: fault, language: language).next.isEmpty)
            }
        }
    }

    private static func inOrder(_ first: String, _ second: String) -> Bool {
        first.compare(second, options: .numeric) == .orderedAscending
    }
}
