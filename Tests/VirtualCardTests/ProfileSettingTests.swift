import CardLayout
import ISO7816
import Testing
import VirtualCard

/// Settings that no public text settles, on the card: each value that a profile may have.
@Suite struct ProfileSettingTests {
    /// A PIN of six digits and five tries, found from anywhere.
    private static let pin = "80D401000D3AF0EF0155123456FFFFFFFFFF"

    private func card(_ settings: String) throws -> TestCard {
        let card = try TestCard(settings)
        try card.accept(TestCard.masterFile, TestCard.keyFile, Self.pin)
        return card
    }

    // MARK: - freeCounterQuery

    @Test func verifyWithoutDataTellsTheTriesAndCostsNone() throws {
        let card = try card("freeCounterQuery: true")
        for _ in 0..<3 { try card.refuse("00200000", "63C5") }
        #expect(try card.send("0020000003999999") == "63C4")
        try card.refuse("00200000", "63C4")
        for _ in 0..<4 { _ = try card.send("0020000003999999") }
        try card.refuse("00200000", "6983")
    }

    @Test func elsewhereVerifyWithoutDataIsTooShort() throws {
        try card("freeCounterQuery: false").refuse("00200000", "6700")
    }

    // MARK: - pinCommands

    @Test func aCardWithoutChangingRefusesIt() throws {
        let without = try card("pinCommands: {change: none}")
        try without.refuse("805E010007123456FF567890", "6D00")
        try card("pinCommands: {change: change-pin}").accept("805E010007123456FF567890")
    }

    @Test func aCardWithoutUnblockingByMACRefusesItsLength() throws {
        try card("pinCommands: {unblock: none}").refuse("842400000411223344", "6700")
        // with it, what is missing is the key
        try card("pinCommands: {unblock: mac-only}").refuse("842400000411223344", "9403")
    }

    @Test(arguments: ["reload", "none"]) func aCardThatIsResetInAnotherWayRefusesTheCipheredPIN(way: String) throws {
        try card("pinCommands: {reset: \(way)}").refuse("842400010C112233445566778811223344", "6D00")
        try card("pinCommands: {reset: pin-unblock}").refuse("842400010C112233445566778811223344", "9403")
    }

    /// A PIN whose change right is met: WRITE KEY takes it like a key, or not at all (cos-dialects §4.3).
    @Test(arguments: [
        ("fmcos-ssse", "80D43A000D3AF0F00155654321FFFFFFFFFF"), ("timecos", "80D43A0008654321FFFFFFFFFF"),
    ])
    func aPINIsWrittenAsAKeyOnlyWhereTheProfileSaysSo(profile: String, update: String) throws {
        for isTaken in [true, false] {
            let card = try TestCard("pinCommands: {writeKey: \(isTaken)}\nfactoryMasterFile: false", of: profile)
            try card.accept(TestCard.masterFile, TestCard.keyFile, "80D401000D3AF0F00155123456FFFFFFFFFF")
            guard isTaken else {
                try card.refuse(update, "6982")
                try card.accept("0020000003123456")
                continue
            }
            try card.accept(update, "0020000003654321")
        }
        #expect(try LayoutLibrary(home: TestProfile.home).profile(named: "timecos").pinCommands.isWrittenAsKey == false)
    }

    // MARK: - selectsNextDirectory

    /// The application 3F01, and one of the same name below it, which alone has a file 0005.
    private func namesakes(_ isFinding: Bool) throws -> TestCard {
        let card = try TestCard("selectsNextDirectory: \(isFinding)")
        try card.accept(
            TestCard.masterFile, "80E03F010D380400F0F0FFFFFF4144463031", "00A40000023F01",
            "80E03F020D380100F0F0FFFFFF4144463031", "00A40000023F02", "80E0000507280010F0F0FFFF")
        card.powerOn()
        return card
    }

    /// TimeCOS' SELECT with P2 02 (cos-dialects §6.1).
    @Test func theNextDirectoryOfTheSameNameIsFound() throws {
        let card = try namesakes(true)
        try card.accept("00A40400054144463031")
        try card.refuse("00A40000020005", "6A82")
        try card.accept("00A40402054144463031", "00A40000020005")
        try card.refuse("00A40402054144463032", "6A82")
        try card.refuse("00A404020441444630", "6700")
        // the only one of its name is no next
        card.powerOn()
        try card.refuse("00A404020E315041592E5359532E4444463031", "6A82")
    }

    @Test func elsewhereThereIsNoNext() throws {
        try namesakes(false).refuse("00A40402054144463031", "6A86")
        let profiles = LayoutLibrary(home: TestProfile.home)
        for (name, isFinding) in [("timecos", true), ("fmcos", false), ("fmcos-ssse", false), ("mcos", false)] {
            #expect(try profiles.profile(named: name).selectsNextDirectory == isFinding)
        }
    }

    // MARK: - ignoresProtectedLe

    /// READ RECORD with a MAC and an Le that is not the record's (cos-dialects §6.3); MACs by Python's cryptography.
    @Test(arguments: ["t0", "direct"], ["01", "03", "7F"])
    func aProtectedCommandsLeIsIgnoredWhereTheProfileSaysSo(transport: String, length: String) throws {
        for isIgnored in [true, false] {
            let card = try TestCard(
                "ignoresProtectedLe: \(isIgnored)", transport: transport, challenges: ["11223344"])
            try card.accept(
                TestCard.masterFile, TestCard.keyFile, "80D401001536F0F0FF33" + TestCard.key,
                "80E00002072C0040F0F0FF7F", "00E20014050103AABBCC")
            try card.send("0084000004")
            let answer = try card.send("04B2011404E00D1096" + length)
            guard isIgnored else {
                #expect(answer == (length == "7F" ? "6C09" : "6700"))
                continue
            }
            #expect(answer == (transport == "t0" ? "6109" : "0103AABBCCEBCE861F9000"))
            if transport == "t0" { #expect(try card.send("00C0000009") == "0103AABBCCEBCE861F9000") }
        }
        #expect(try LayoutLibrary(home: TestProfile.home).profile(named: "timecos").ignoresProtectedLe)
    }

    // MARK: - Commands for records

    /// T514 has 00 D2 alone (cos-dialects §3.7), all others 00 DC, 00 D2 and 00 E2 (§6.5).
    @Test func recordsAreWrittenByTheCommandsOfTheCard() throws {
        let others = try TestCard("")
        let t514 = try TestCard("", of: "t514")
        for command in ["00DC0134020800", "00E20034020800", "04DC013406080011223344"] {
            try t514.refuse(command, "6D00")
            #expect(try others.send(command) != "6D00", "\(command)")
        }
        #expect(try t514.send("00D20134020800") != "6D00")
    }

    // MARK: - unwrittenRecord

    /// A ring and a file of fixed records, three of two bytes each, with one written.
    @Test(arguments: [
        ("not-found", "6A83", "6A83"), ("warning", "FFFF6281", "6A83"), ("filled", "FFFF9000", "6A83"),
    ]) func recordsThatNobodyHasWritten(setting: String, unwritten: String, outside: String) throws {
        for (type, append) in [("2E", "00DC00330201AA"), ("2A", "00E200340201AA")] {
            let card = try TestCard("unwrittenRecord: \(setting)")
            try card.accept(TestCard.masterFile, "80E0000607\(type)0302F0F0FFFF")
            #expect(try card.send("00B2013402") == unwritten, "\(type) before any")
            try card.accept(append)
            #expect(try card.send("00B2013402") == "01AA9000")
            #expect(try card.send("00B2033402") == unwritten, "\(type) behind the last")
            #expect(try card.send("00B2043402") == outside, "\(type) outside")
        }
    }
}
