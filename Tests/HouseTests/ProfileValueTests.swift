import Foundation
import Testing

/// What nobody has published is a setting of a card profile, and each of its values has a test that names it.
@Suite struct ProfileValueTests {
    /// A setting and the type that lists its values.
    private struct Setting: Hashable {
        let name: String
        /// `COSProfile.Transport`, or a type that stands alone.
        let type: String
    }

    private let sources: [SourceFile]
    private let tests: [SourceFile]

    init() throws {
        sources = try ["CardLayout", "CardCryptography"].flatMap {
            try SourceFile.all(in: packageFolder.appending(path: "Sources/\($0)"), extensions: ["swift"])
        }
        tests = try SourceFile.all(in: packageFolder.appending(path: "Tests"), extensions: ["swift", "py"])
            .filter { !$0.path.hasPrefix("Tests/HouseTests/") }
    }

    /// The settings that the readers of profiles take a word of a list for, in the three forms in which they ask for it.
    private func settings(in text: String) -> Set<Setting> {
        let required = /choice\(\s*\w+,\s*"(\w+)",\s*([\w.]+)\.self\)/
        let optional = /: ([\w.]+)\? = reading\.optional\(\w+, "(\w+)"\) \{[^}]*\.choice\(\)/
        let shared = /func (\w+)\(_ key: String\) -> ([\w.]+)\? \{\s*reading\.optional\(\w+, key\) \{[^}]*\.choice\(\)/
        var found = Set(text.matches(of: required).map { Setting(name: String($0.1), type: String($0.2)) })
        found.formUnion(text.matches(of: optional).map { Setting(name: String($0.2), type: String($0.1)) })
        for function in text.matches(of: shared) {
            let calls = text.matches(of: /(\w+)\("(\w+)"\)/).filter { $0.1 == function.1 }
            found.formUnion(calls.map { Setting(name: String($0.2), type: String(function.2)) })
        }
        return found
    }

    /// The values of a type as files write them: `newest-is-factor`.
    private func values(of type: String) -> Set<String> {
        let parts = type.split(separator: ".")
        guard let name = parts.last else { return [] }
        let outer = parts.dropLast().last
        var values: Set<String> = []
        for file in sources where outer.map({ file.declares($0) }) ?? true {
            let lines = file.text.split(separator: "\n", omittingEmptySubsequences: false)
            guard let start = lines.firstIndex(where: { $0.contains("enum \(name): String") }) else { continue }
            let indent = lines[start].prefix { $0 == " " }
            let body = lines[(start + 1)...].prefix { $0 != indent + "}" }
            for line in body where line.contains(/^\s*case \w/) {
                for word in line.matches(of: /[ ,](\w+)(?: = "([^"]+)")?/) where word.1 != "case" {
                    values.insert(Self.hyphenated(String(word.2 ?? word.1)))
                }
            }
        }
        return values
    }

    private static func hyphenated(_ name: String) -> String {
        name.map { $0.isUppercase ? "-" + $0.lowercased() : String($0) }.joined()
    }

    /// Whether a test writes `setting: value` down, or puts the value in quotes into `setting: \(…)`.
    private func isNamed(_ value: String, of setting: String) -> Bool {
        tests.contains { file in
            let isPut = file.text.contains("\(setting): \\(") && file.text.contains("\"\(value)\"")
            return isPut
                || file.text.ranges(of: "\(setting): \(value)").contains { range in
                    guard let next = file.text[range.upperBound...].first else { return true }
                    return next != "-" && !next.isLetter && !next.isNumber
                }
        }
    }

    @Test func everyValueOfAProfilesSettingIsNamedByATest() throws {
        let readers = sources.filter { $0.path.contains("Reader") && !$0.path.hasSuffix("/LayoutReader.swift") }
        let settings = readers.reduce(into: Set<Setting>()) { $0.formUnion(self.settings(in: $1.text)) }
        #expect(settings.isSuperset(of: [Setting(name: "accessUnits", type: "COSProfile.AccessUnits")]))
        #expect(settings.count > 25)
        for setting in settings.sorted(by: { $0.name < $1.name }) {
            let values = values(of: setting.type)
            #expect(values.count > 1, "\(setting.type) has no values that can be read")
            let missing = values.filter { !isNamed($0, of: setting.name) }.sorted()
            #expect(missing.isEmpty, "no test names \(setting.name): \(missing.joined(separator: ", "))")
        }
    }
}

extension SourceFile {
    /// Whether a type of that name is declared or extended here.
    fileprivate func declares(_ type: Substring) -> Bool {
        ["struct", "enum", "extension"].contains { word in
            text.ranges(of: "\(word) \(type)").contains { range in
                guard let next = text[range.upperBound...].first else { return true }
                return !next.isLetter && !next.isNumber && next != "."
            }
        }
    }
}
