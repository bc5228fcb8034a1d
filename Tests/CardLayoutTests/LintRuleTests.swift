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

    /// A region's layout from what it has below `directories:`.
    private static func region(_ directories: String) -> String {
        "name: region\ntitle: 地区\nextends: national-2.0\ndirectories:\n" + directories
    }

    private static let profile = "profiles/fmcos-ssse.yaml"

    /// A region's layout with one protected file in DF01.
    private static func protected(_ protection: String, read: String = "RK1DF01") -> String {
        region(
            """
              DF01:
                files:
                  EF1B:
                    title: 受保护
                    structure: transparent
                    size: 10
                    read: \(read)
                    write: UK1DF01
                    protection: \(protection)
            """)
    }

    static let breaches: [Breach] = [
        // Versions.
        Breach(
            code: "layout.accepted-versions",
            changes: [("acceptedVersions: [\"2.00\", \"2.01\"]", "acceptedVersions: [\"2.01\", \"2.00\"]")],
            at: "name: national-2.0"),
        Breach(
            code: "layout.accepted-versions",
            changes: [("acceptedVersions: [\"2.00\", \"2.01\"]", "acceptedVersions: [\"2.00\", \"3.00\"]")],
            at: "name: national-2.0"),
        Breach(
            code: "layout.accepted-versions",
            changes: [("acceptedVersions: [\"2.00\", \"2.01\"]", "acceptedVersions: [\"2.00\", \"2.00\"]")],
            at: "name: national-2.0"),
        // Line protection.
        Breach(
            code: "layout.protection-key", text: protected("{mode: mac, key: STKDF02, reading: plain}"),
            at: "{mode: mac"),
        Breach(
            code: "layout.protection-free",
            text: protected("{mode: mac, key: STKDF01, reading: protected}", read: "free"), at: "{mode: mac"),
        Breach(
            code: "layout.protection-use", text: protected("{mode: enciphered, key: STKDF01, reading: protected}"),
            at: "{mode: enciphered"),
        Breach(
            code: "layout.protection-not-expressible",
            text: protected("{mode: mac, key: STKDF01, reading: plain}"), at: "{mode: mac",
            judgedBy: "t514"),
        // The whole.
        Breach(code: "layout.other-profile", at: "name: national-2.0", judgedBy: "twin"),
        Breach(
            code: "layout.part-missing",
            changes: [
                (
                    "          cardNumber:              {tag: 07, title: 卡号, type: an, length: 09, format: cardNumber, mandatory: true, record: issue}\n",
                    ""
                )
            ], at: "EF05:"),
        Breach(
            code: "layout.identifier-twice", changes: [("  DF02:\n", "  DF02:\n    identifier: DF01\n")], at: "DF02:"),
        Breach(
            code: "layout.over-budget", at: "{commands: 630", measured: CardCost(commands: 631, bytes: 1, seconds: 1)),
        Breach(
            code: "layout.over-budget", at: "{commands: 630", measured: CardCost(commands: 1, bytes: 25001, seconds: 1)),
        Breach(
            code: "layout.over-budget", at: "{commands: 630", measured: CardCost(commands: 1, bytes: 1, seconds: 43.1)),
        Breach(
            code: "layout.memory", file: profile, changes: [("memorySize: 32768", "memorySize: 4096")],
            at: "name: national-2.0"),
        // two files of 7FFF bytes
        Breach(
            code: "layout.directory-too-large",
            text: region(
                "  SSSE:\n    files:\n"
                    + ["EF1B", "EF1C"].map { name in
                        "      \(name): {title: 大, structure: transparent, size: 7FFF, read: free, write: UKSSSE}\n"
                    }.joined()), at: "SSSE:", judgedBy: "large"),
        Breach(
            code: "layout.parent-unknown",
            changes: [("title: 人事人才\n    parent: SSSE", "title: 人事人才\n    parent: DF08")], at: "DF07:"),
        Breach(
            code: "layout.directory-not-in-profile",
            changes: [
                (
                    "  DF07:\n",
                    "  DF09:\n    title: 无\n    parent: SSSE\n    files:\n"
                        + "      EF05: {title: 无, structure: transparent, size: 01, read: free, write: never}\n  DF07:\n"
                )
            ], at: "DF09:"),
        // Files.
        Breach(
            code: "layout.short-identifier-twice",
            changes: [
                (
                    "      EF0A:\n        title: 国籍与政治面貌\n",
                    "      EF25: {title: 撞, structure: transparent, size: 01, read: free, write: UK1DF01}\n"
                        + "      EF0A:\n        title: 国籍与政治面貌\n"
                )
            ], at: "EF25:"),
        Breach(
            code: "layout.short-identifier",
            changes: [
                (
                    "      EF0A:\n        title: 国籍与政治面貌\n",
                    "      EF20: {title: 零, structure: transparent, size: 01, read: free, write: UK1DF01}\n"
                        + "      EF0A:\n        title: 国籍与政治面貌\n"
                )
            ], at: "EF20:"),
        Breach(
            code: "layout.transparent-elements",
            changes: [
                (
                    "          fingerprints: {title: 指纹, type: b, length: 300}\n",
                    "          fingerprints: {title: 指纹, type: b, length: 180}\n"
                        + "          others: {title: 其他, type: b, length: 180}\n"
                )
            ], at: "EF07:"),
        Breach(
            code: "layout.mandatory-not-created",
            changes: [
                ("title: 婚姻状况\n        structure", "title: 婚姻状况\n        class: reference\n        structure"),
                ("table: marital-status}", "table: marital-status, mandatory: true}"),
            ], at: "maritalStatus:"),
        Breach(
            code: "layout.locked-out",
            changes: [
                (
                    "title: 发卡机构数据\n        structure: variable-record\n        read: free\n        write: UKSSSE",
                    "title: 发卡机构数据\n        structure: variable-record\n        read: free\n        write: never"
                )
            ],
            at: "EF05:"),
        Breach(
            code: "layout.never-read",
            changes: [
                (
                    "title: 婚姻状况\n        structure: variable-record\n        read: pin | RK1DF01",
                    "title: 婚姻状况\n        structure: variable-record\n        read: never"
                )
            ],
            at: "EF08:\n        title: 婚姻状况"),
        Breach(
            code: "layout.too-many-records",
            changes: [("records: 4  # pension", "records: 3  # pension")], at: "EF19:\n        title: 参保凭证"),
        Breach(
            code: "layout.file-too-large",
            changes: [
                ("b-tlv, length: 34, repeat: 3", "b-tlv, length: F6, repeat: 200"),
                (
                    "school: {tag: 59, title: 学校, type: an, length: 28}",
                    "school: {tag: 59, title: 学校, type: an, length: EA}"
                ),
            ], at: "EF15:\n        title: 学历学位"),
        // Elements.
        Breach(
            code: "layout.length-sum",
            changes: [("title: 学位信息, type: b-tlv, length: 34", "title: 学位信息, type: b-tlv, length: 35")], at: "degrees:"),
        Breach(
            code: "layout.record-too-long",
            changes: [("tag: 21, title: 户口地址, type: an, length: 50", "tag: 21, title: 户口地址, type: an, length: F7")],
            at: "householdAddress:"),
        Breach(
            code: "layout.record-missing",
            changes: [
                ("format: citizenNumber, mandatory: true, record: issue}", "format: citizenNumber, mandatory: true}")
            ],
            at: "citizenNumber:"),
        Breach(
            code: "layout.record-not-used",
            changes: [("{title: 指纹, type: b, length: 300}", "{title: 指纹, type: b, length: 300, record: holder}")],
            at: "fingerprints:"),
        Breach(code: "layout.tag-missing", changes: [("{tag: 2B, ", "{")], at: "maritalStatus:"),
        Breach(
            code: "layout.tag-not-used", changes: [("{title: 指纹, type", "{tag: 7F, title: 指纹, type")],
            at: "fingerprints:", also: ["layout.record-too-long"]),
        Breach(
            code: "layout.tag-twice", changes: [("{tag: 24, title: 常住地区划", "{tag: 23, title: 常住地区划")],
            at: "residenceArea:"),
        Breach(
            code: "layout.table-unknown", changes: [("table: marital-status", "table: no-such")], at: "maritalStatus:"),
        Breach(
            code: "layout.reinterpreted-companion", file: "national-1.0.yaml",
            changes: [
                (
                    "title: 参加党派日期, type: cn, length: 04, format: date, companion: 38",
                    "title: 参加党派日期, type: cn, length: 04, format: date, companion: 2B"
                )
            ],
            at: "partyJoiningDate:"),
        // Keys and rights.
        Breach(
            code: "layout.key-unknown", file: profile, at: "36/01: {name: LKDF04",
            keyNames: LayoutLintTests.keyNames.subtracting(["LKDF04"])),
        Breach(
            code: "layout.rule-without-state", changes: [("write: UK3DF01", "write: RKSSSE")],
            at: "EF08:\n        title: 婚姻状况"),
        Breach(
            code: "layout.rule-not-expressible",
            changes: [
                (
                    "title: 婚姻状况\n        structure: variable-record\n        read: pin | RK1DF01",
                    "title: 婚姻状况\n        structure: variable-record\n        read: pin | UK1DF01"
                )
            ],
            at: "EF08:\n        title: 婚姻状况"),
        Breach(
            code: "layout.record-rule-not-expressible", file: "national-3.0.yaml", at: "cardNumber: {read",
            judgedBy: "plain"),
        Breach(
            code: "layout.read-unreachable", file: profile,
            changes: [("39/0A: {name: RKSSSE, state: 1}", "39/0A: {name: RKSSSE, state: 1, use: EF}")],
            at: "EF07:", count: 2),
        Breach(
            code: "layout.write-unreachable", file: profile,
            changes: [("39/93: {name: UK3DF01, state: 6}", "39/93: {name: UK3DF01, state: 6, use: EF}")],
            at: "EF08:\n        title: 婚姻状况"),
        Breach(
            code: "layout.lock-last", file: profile,
            changes: [
                ("39/00: {name: MKMF, state: F, tries: 8}", "39/00: {name: MKMF, state: F, tries: 8, change: EF}")
            ],
            at: "39/00: {name: MKMF"),
        Breach(
            code: "layout.lock-last", file: profile,
            changes: [
                (
                    "  MF:\n    createRight: FF\n    eraseRight: FF\n    addKeyRight: FF",
                    "  MF:\n    createRight: FF\n    eraseRight: FF\n    addKeyRight: EF"
                )
            ],
            at: "MF:\n    createRight"),
        Breach(
            code: "layout.pin-missing", file: profile, changes: [("pinLookup: climb", "pinLookup: own")],
            at: "DF01:", count: 4, also: ["layout.read-unreachable"]),
        // Extensions of a region (file structure V2.0 §6).
        Breach(
            code: "layout.extension-directory",
            text: region(
                "  DF09:\n    title: 新\n    parent: SSSE\n    select: D15600000599\n    files:\n"
                    + "      EF0C: {title: 新, structure: transparent, size: 01, read: free, write: UKSSSE}\n"),
            at: "DF09:", also: ["layout.directory-not-in-profile"]),
        Breach(
            code: "layout.extension-file",
            text: region(
                "  DF01:\n    files:\n      EF0B: {title: 新, structure: transparent, size: 01, read: free, write: UK1DF01}\n"
            ),
            at: "EF0B:"),
        Breach(
            code: "layout.extension-element",
            text: region(
                "  SSSE:\n    files:\n      EF06:\n        elements:\n          more: {tag: EA, title: 新, type: an, length: 01}\n"
            ),
            at: "more:"),
        Breach(
            code: "layout.extension-tag",
            text: region(
                "  DF01:\n    files:\n      EF08:\n        elements:\n          more: {tag: 2A, title: 新, type: an, length: 01}\n"
            ),
            at: "more:"),
        Breach(
            code: "layout.extension-changed", text: region("  DF02:\n    files:\n      EF07: {records: 3}\n"),
            at: "EF07:"),
    ]

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

    /// What the reader refuses, and no fixture has.
    static let unreadable: [Breach] = [
        Breach(code: "layout.unknown-command", file: profile, changes: [("  erase: 80", "  eraze: 80")], at: "eraze:"),
        Breach(
            code: "layout.command-template", file: profile, changes: [("erase: 80 0E 00 00 | | 00", "erase: 80 0E 00")],
            at: "80 0E 00"),
        Breach(
            code: "layout.command-missing", file: profile,
            changes: [("  update-record: 00 DC {recordNumber} {recordReference} | {record}\n", "")],
            at: "name: fmcos-ssse"),
        Breach(
            code: "layout.master-key-first", file: profile,
            changes: [
                (
                    "      39/00: {name: MKMF, state: F, tries: 8}\n      36/00: {name: BK}",
                    "      36/00: {name: BK}\n      39/00: {name: MKMF, state: F, tries: 8}"
                )
            ], at: "36/00: {name: BK}"),
        Breach(
            code: "layout.pin-last", file: profile,
            changes: [
                ("      3A/00: {name: PIN, state: 2, tries: 6, change: EF, protected: false}", "      # moved up"),
                (
                    "      34/00: {name: IRK",
                    "      3A/00: {name: PIN, state: 2, tries: 6, change: EF, protected: false}\n      34/00: {name: IRK"
                ),
            ], at: "3A/00: {name: PIN"),
        Breach(
            code: "layout.read-order", changes: [("readOrder: [SSSE, DF03, DF04]", "readOrder: [SSSE, DF33]")],
            at: "DF33"),
        Breach(
            code: "layout.inner-without-template",
            changes: [
                (
                    "{tag: 2B, title: 婚姻状况",
                    "{tag: 2B, inner: {a: {tag: 01, title: 内, type: an, length: 01}}, title: 婚姻状况"
                )
            ],
            at: "maritalStatus:"),
        Breach(
            code: "layout.public-key-directory", file: profile,
            changes: [
                (
                    "freeCounterQuery: false",
                    "publicKeys: {directory: SSSX, file: 0012, header: 0100, make: 80C40103, sign: 002A9E9A, makeRight: 44, signRight: 22}\nfreeCounterQuery: false"
                )
            ], at: "publicKeys: {directory: SSSX"),
        Breach(
            code: "layout.unknown-profile", changes: [("profile: fmcos-ssse", "profile: none")], at: "profile: none"),
    ]

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
