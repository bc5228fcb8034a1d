import ByteText
import CardApplication
import CardLayout
import ISO7816
import IssuerKeys
import Testing

/// What is printed before a command runs: fixed bytes as they are, slots by their length alone.
@Suite struct CardOperationTests {
    private static let transport = [UInt8](repeating: 0xFF, count: 16)

    private func record(_ profile: COSProfile, _ name: String) throws -> KeyRecord {
        try #require(profile.directories["SSSE"]?.keys.first { $0.name == name })
    }

    /// Every operation that fills a slot.
    private func operations(_ profile: COSProfile) throws -> [CardOperation] {
        [
            .authenticate(issuer("UKSSSE"), identifier: 0x04, form: .plain),
            .authenticate(issuer("UKSSSE"), identifier: 0x04, form: .session),
            .authenticate(.transport(Self.transport), identifier: 0x00, form: .plain),
            .writeKey(
                try record(profile, "UKSSSE"), .key(issuer("UKSSSE")), isUpdate: false,
                master: issuer("MKSSSE")),
            .writeKey(
                try record(profile, "MKSSSE"), .key(issuer("MKSSSE")), isUpdate: true,
                master: .transport(Self.transport)),
            .writeKey(
                try record(profile, "PIN"), .personalIdentificationNumber(length: 3), isUpdate: false,
                master: issuer("MKSSSE")),
            .verifyPIN(identifier: 0x00, length: 3),
        ]
    }

    /// 3DES: LD ‖ header 5 ‖ key 16 in blocks of 8 is 24 bytes, with the MAC 28 (1C); a PIN of 3 bytes 16 and 20 (14).
    @Test func slotsArePrintedByLength() throws {
        let profile = try CardSite.profile()
        #expect(
            try operations(profile).map { $0.printed(profile: profile) } == [
                "0082000408‹8›", "0082000410‹16›", "0082000008‹8›", "84D401041C‹28›", "84D439001C‹28›",
                "84D4010014‹20›", "0020000003‹3›",
            ])
    }

    /// SM4: blocks of 16, so 32 bytes and the MAC (24), and 16 and the MAC (14).
    @Test func slotsOfSM4ArePrintedByTheirOwnLength() throws {
        let profile = try CardSite.profile("fmcos-ssse-sm4")
        #expect(
            try operations(profile).map { $0.printed(profile: profile) } == [
                "0082000408‹8›", "0082000410‹16›", "0082000008‹8›", "84D4010424‹36›", "84D4390024‹36›",
                "84D4010014‹20›", "0020000003‹3›",
            ])
        let full = try CardSite.variant("sm4Authentication: full16", of: "fmcos-ssse-sm4")
        let session = CardOperation.authenticate(issuer("UKSSSE"), identifier: 0x04, form: .session)
        #expect(session.printed(profile: full) == "0082000420‹32›")
    }

    @Test func fixedBytesArePrintedAsTheyAre() throws {
        let profile = try CardSite.profile()
        let operation = CardOperation.fixed(CommandAPDU(0x00, 0xB2, 0x01, 0x2C, le: 0x12))
        #expect(operation.printed(profile: profile) == "00B2012C12")
        #expect(operation.length(profile: profile) == 5)
    }

    /// What runs has the printed header and length, and nothing secret of it was printed.
    @Test(arguments: ["fmcos-ssse", "fmcos-ssse-sm4"]) func whatIsPrintedIsWhatRuns(name: String) throws {
        let profile = try CardSite.profile(name)
        for operation in try operations(profile) {
            let card = try ScriptedChannel(["11223344556677889000", "99AABBCCDDEEFF019000", "9000"])
            let conversation = try CardSite.conversation(
                card, profile: profile, keys: CardSite.developmentKeys(), pin: "925814")
            for _ in 0..<2 { try conversation.perform(.fixed(CommandAPDU(0x00, 0x84, 0x00, 0x00, le: 0x08))) }
            try conversation.perform(operation)
            let sent = try #require(card.received.last)
            let printed = operation.printed(profile: profile)
            let header = try #require(printed.split(separator: "‹").first)
            #expect(sent.hasPrefix(header))
            #expect(sent.count == 2 * operation.length(profile: profile), "\(printed)")
            #expect(header.count == 10)
            let secret = sent.dropFirst(10).prefix(6)
            #expect(
                !printed.contains(secret) && !operation.slotDescription(profile: profile).contains(secret), "\(printed)"
            )
        }
    }

    @Test func slotsAreDescribedByKeyNamesAlone() throws {
        let profile = try CardSite.profile()
        #expect(
            try operations(profile).map { $0.slotDescription(profile: profile) } == [
                "UKSSSE plain", "UKSSSE session", "transport plain", "UKSSSE 39/04 F0FF0405 protected under MKSSSE",
                "MKSSSE 39/00 F0FF0F08 protected under transport", "PIN 3A/00 F0EF0206 under MKSSSE", "",
            ])
    }
}
