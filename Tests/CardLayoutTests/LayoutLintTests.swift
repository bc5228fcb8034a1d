import CardData
import CardLayout
import Testing

@Suite struct LayoutLintTests {
    /// The keys of card.md's key table, as far as cards 2.0 and 3.0 hold them (HSM address list of the ministry's systems).
    static let keyNames: Set<String> = {
        var names: Set<String> = ["IRK", "PUK", "STK", "BK", "UKSSSE", "RKSSSE", "LKDF03", "LKDF04", "LKDF06"]
        names.formUnion(["MKMF", "MKSSSE"])
        // Of the example of a region.
        names.formUnion(["RKMFEF0C", "UKMFEF0C", "MKDF0A", "STKDF0A", "UK1DF0A", "RK1DF0A"])
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

    /// Maintenance keys make MACs of commands; the region's example enciphers with its own.
    static let lineKeys = LineKeys(
        all: keyNames, macs: keyNames.filter { $0.hasPrefix("STK") }, enciphering: ["STKDF0A"])

    @Test(arguments: LayoutOutputTests.names)
    func theLayoutsOfTheHouseAreClean(name: String) throws {
        let layout = try Home.library.layout(named: name)
        let lint = LayoutLint(
            layout: layout, profile: try Home.library.profile(named: layout.profileName), keyNames: Self.keyNames,
            codeTables: try Home.library.codeTableNames, lineKeys: Self.lineKeys,
            base: try LayoutReader.readBase(of: layout))
        #expect(lint.check().isEmpty)
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
