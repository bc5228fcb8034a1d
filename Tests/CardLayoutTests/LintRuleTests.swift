import CardData
import CardLayout
import Foundation
import Testing

/// Each rule of the lint against a layout of the house that was broken in exactly that way: the fault, where it stands, and what to do.
@Suite struct LintRuleTests {
    /// One way to break a good layout.
    struct Breach: CustomTestStringConvertible, Sendable {
        /// The rule.
        let code: FaultCode
        /// The file that is changed, below `CardLayouts`.
        var file = "national-2.0.yaml"
        /// What is replaced by what; each text stands there once.
        var changes: [(String, String)] = []
        /// A whole new layout that extends one of the house, in the place of changes.
        var text: String?
        /// The text at whose beginning the fault stands.
        let at: String
        /// How many faults it gives, all of the one rule.
        var count = 1
        /// What else it must break.
        var also: Set<FaultCode> = []
        var measured: CardCost?
        var keyNames: Set<String>?
        /// The profile that the layout is judged against, where that is not its own.
        var judgedBy: String?

        var testDescription: String { "\(code.rawValue) at \(at)" }
    }

    /// A home of its own, broken.
    private struct Site {
        let scratch = try? ScratchFolder()
        let library: LayoutLibrary
        let path: String

        init(_ breach: Breach) throws {
            let home = try #require(scratch).path
            let manager = FileManager.default
            try manager.copyItem(atPath: Home.path + "/CardLayouts", toPath: home + "/CardLayouts")
            for (name, base) in [("twin", "fmcos-ssse"), ("plain", "fmcos-ssse-sm4"), ("large", "fmcos-ssse")] {
                let rule = name == "plain" ? "recordRules: false\n" : name == "large" ? "memorySize: 131072\n" : ""
                try Data("name: \(name)\ntitle: 另一种\nextends: \(base)\n\(rule)".utf8)
                    .write(to: URL(filePath: home + "/CardLayouts/profiles/\(name).yaml"))
            }
            path = home + "/CardLayouts/" + (breach.text == nil ? breach.file : "region.yaml")
            var text = try breach.text ?? String(contentsOfFile: path, encoding: .utf8)
            for (old, new) in breach.changes {
                #expect(text.components(separatedBy: old).count == 2, "“\(old)” stands there once")
                text = text.replacingOccurrences(of: old, with: new)
            }
            try Data(text.utf8).write(to: URL(filePath: path))
            library = LayoutLibrary(home: home)
        }

        func faults(_ breach: Breach) throws -> [Fault] {
            let file = (path as NSString).lastPathComponent
            let isLayout = !path.contains("/profiles/")
            let layout = try library.layout(named: isLayout ? String(file.dropLast(5)) : "national-2.0")
            return LayoutLint(
                layout: layout, profile: try library.profile(named: breach.judgedBy ?? layout.profileName),
                keyNames: breach.keyNames ?? LayoutLintTests.keyNames, codeTables: try Home.library.codeTableNames,
                lineKeys: LayoutLintTests.lineKeys, base: try LayoutReader.readBase(of: layout),
                measured: breach.measured
            ).check()
        }
    }

    @Test(arguments: breaches) func aBrokenRuleIsToldWhereItIsBroken(breach: Breach) throws {
        let site = try Site(breach)
        let faults = try site.faults(breach)
        let told = faults.filter { $0.code == breach.code }
        #expect(told.count == breach.count, "\(faults.map(Self.line))")
        // The same words may stand in another file than the one that was changed.
        let place = try #require(told.first?.place)
        let text = try String(contentsOfFile: place.file, encoding: .utf8)
        let range = try #require(text.range(of: breach.at), "“\(breach.at)” is in \(place.file)")
        let before = text[..<range.lowerBound].split(separator: "\n", omittingEmptySubsequences: false)
        let expected = (line: before.count, column: (before.last?.count ?? 0) + 1)
        #expect((place.line, place.column) == expected, "\(faults.map(Self.line))")
        // The lint of a layout on another profile says first of all that it is another.
        let others = Set(faults.map(\.code)).subtracting(breach.also.union([breach.code]))
        #expect(
            others.subtracting(breach.judgedBy == nil ? [] : ["layout.other-profile"]).isEmpty,
            "\(faults.map(Self.line))")
        for fault in told {
            for language in MessageLanguage.allCases {
                let message = MessageCatalogue.standard.text(for: fault, language: language)
                #expect(!message.what.isEmpty && !message.next.isEmpty && !message.what.contains("{"))
                #expect(message.what != fault.code.rawValue, "without a message a fault is its code")
            }
        }
    }

    private static func line(_ fault: Fault) -> String {
        let place = fault.place
        return
            "\((place?.file as NSString?)?.lastPathComponent ?? ""):\(place?.line ?? 0):\(place?.column ?? 0) \(fault.code.rawValue)"
    }

    /// The codes in the sources of these folders.
    private static func codes(in folders: [String]) throws -> Set<String> {
        var codes: Set<String> = []
        for folder in folders {
            let path = Home.path + "/Sources/CardLayout/" + folder
            for name in try FileManager.default.contentsOfDirectory(atPath: path) where name.hasSuffix(".swift") {
                let text = try String(contentsOfFile: path + "/" + name, encoding: .utf8)
                codes.formUnion(text.matches(of: /"(layout\.[a-z-]+)"/).map { String($0.1) })
            }
        }
        return codes
    }

    @Test func everyRuleOfTheLintHasItsBreach() throws {
        let rules = try Self.codes(in: ["Lint", "Compiling"])
        #expect(rules.count >= 33)
        #expect(rules.symmetricDifference(Self.breaches.map(\.code.rawValue)).sorted() == [])
    }

    @Test(arguments: unreadable) func whatTheReaderRefusesIsToldInItsLine(breach: Breach) throws {
        let site = try Site(breach)
        let faults = Home.faults { _ = try site.faults(breach) }
        let told = try #require(faults.first { $0.code == breach.code }, "\(faults.map(Self.line))")
        for language in MessageLanguage.allCases {
            #expect(!MessageCatalogue.standard.text(for: told, language: language).next.isEmpty)
        }
        // Without the profile's name there is no line of a profile.
        guard let place = told.place else { return #expect(breach.code == "layout.unknown-profile") }
        let text = try String(contentsOfFile: place.file, encoding: .utf8)
        let range = try #require(text.range(of: breach.at))
        let line = text[..<range.lowerBound].split(separator: "\n", omittingEmptySubsequences: false).count
        #expect(place.line == line, "\(faults.map(Self.line))")
    }

    /// What cannot even be read is told by the reader; its codes stand in a fixture or a test.
    @Test func everyCodeOfTheReaderIsExpectedSomewhere() throws {
        var expected = ""
        for folder in ["/Fixtures/layouts", "/Tests/CardLayoutTests"] {
            for name in try FileManager.default.contentsOfDirectory(atPath: Home.path + folder)
            where name.hasSuffix(".faults") || name.hasSuffix(".swift") {
                expected += try String(contentsOfFile: Home.path + folder + "/" + name, encoding: .utf8)
            }
        }
        let missing = try Self.codes(in: ["Reading"]).filter { !expected.contains($0) }
        #expect(missing.sorted() == [])
    }
}
