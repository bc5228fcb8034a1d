import CardData
import CardLayout
import Testing

@Suite struct LayoutLintTests {
    /// The keys of card.md's key table, as far as cards 2.0 and 3.0 hold them (HSM address list of the ministry's systems).
    static let keyNames: Set<String> = {
        var names: Set<String> = ["IRK", "PUK", "STK", "BK", "UKSSSE", "RKSSSE", "LKDF03", "LKDF04", "LKDF06"]
        names.formUnion(["MKMF", "MKSSSE"])
        for (directory, updates, reads) in [
            ("DF01", 11, 1), ("DF02", 6, 1), ("DF03", 8, 2), ("DF04", 4, 1), ("DF05", 1, 0), ("DF06", 2, 1),
            ("DF07", 3, 3),
        ] {
            names.formUnion(["MK" + directory, "STK" + directory])
            for number in 1...updates { names.insert("UK\(String(number, radix: 16, uppercase: true))\(directory)") }
            for number in 0..<reads { names.insert("RK\(number + 1)\(directory)") }
        }
        return names
    }()

    @Test(arguments: ["national-2.0", "national-3.0"])
    func theNationalLayoutsAreClean(name: String) throws {
        let layout = try Home.library.layout(named: name)
        let lint = LayoutLint(
            layout: layout, profile: try Home.library.profile(named: layout.profileName), keyNames: Self.keyNames,
            codeTables: try Home.library.codeTableNames)
        #expect(lint.check().isEmpty)
    }

    @Test func everyFaultOfABrokenLayoutIsFoundWhereItIs() throws {
        let layout = try LayoutReader.read(Home.fixture("broken.yaml"))
        let lint = LayoutLint(
            layout: layout, profile: try Home.library.profile(named: "fmcos-ssse"), keyNames: Self.keyNames,
            codeTables: try Home.library.codeTableNames)
        let found = lint.check().map { fault in
            "\(fault.place?.line ?? 0):\(fault.place?.column ?? 0) \(fault.code.rawValue)"
        }
        #expect(
            found == [
                "2:1 layout.memory",
                "11:7 layout.locked-out",
                "11:7 layout.part-missing",
                "18:11 layout.table-unknown",
                "18:11 layout.tag-twice",
                "19:11 layout.tag-missing",
                "21:7 layout.never-read",
                "21:7 layout.short-identifier-twice",
                "22:7 layout.identifier-twice",
                "36:7 layout.rule-not-expressible",
                "42:11 layout.record-too-long",
                "43:11 layout.length-sum",
                "45:15 layout.table-unknown",
                "46:15 layout.tag-twice",
                "48:7 layout.key-unknown",
                "48:7 layout.rule-without-state",
                "49:7 layout.length-sum",
                "57:11 layout.tag-not-used",
                "58:3 layout.identifier-twice",
                "58:3 layout.identifier-twice",
                "66:9 layout.mandatory-not-created",
                "67:3 layout.parent-unknown",
                "71:7 layout.length-sum",
                "71:7 layout.too-many-records",
                "80:7 layout.length-sum",
                "80:7 layout.short-identifier",
                "80:7 layout.transparent-elements",
                "82:3 layout.directory-not-in-profile",
            ])
    }

    @Test func aRecordRuleNeedsAProfileThatHasThem() throws {
        let scratch = try ScratchFolder()
        let layout = try Home.library.layout(named: "national-3.0")
        let profile = try scratch.profile("plain", "recordRules: false")
        let lint = LayoutLint(layout: layout, profile: profile, keyNames: nil, codeTables: nil)
        #expect(lint.check().map(\.code) == ["layout.other-profile", "layout.record-rule-not-expressible"])
    }

    @Test func keysOfTheProfileMustBeDefinedToo() throws {
        let layout = try Home.library.layout(named: "national-2.0")
        let profile = try Home.library.profile(named: "fmcos-ssse")
        let lint = LayoutLint(
            layout: layout, profile: profile, keyNames: Self.keyNames.subtracting(["LKDF04"]), codeTables: nil)
        let faults = lint.check()
        #expect(faults.map(\.code) == ["layout.key-unknown"])
        #expect(faults.first?.place == profile.directories["DF04"]?.keys.first { $0.name == "LKDF04" }?.place)
    }
}
