import ByteText
import CardApplication
import CardCryptography
import CardLayout
import ISO7816
import IssuerKeys
import Testing
import VirtualCard

/// The PIN services and protected channels with the keys of the development set, against a virtual card that got its keys as an
/// issued card does: enciphered, under its master.
@Suite struct PINServiceTests {
    private let profile: COSProfile
    private let keys: SoftwareKeyService
    private let context: CardKeyContext
    private let card: VirtualCard
    private let channel: VirtualCardChannel

    init() throws { try self.init("fmcos-ssse") }

    private init(_ name: String) throws {
        profile = try CardSite.profile(name)
        keys = try CardSite.developmentKeys()
        context = try CardSite.context(profile)
        card = try VirtualCard(profile: profile, serialNumber: [0x99, 1, 0, 0, 0, 1], challenges: .seeded(7))
        channel = try VirtualCardChannel(card)
    }

    private func pin(_ digits: String) throws -> PersonalIdentificationNumber { try .init(digits: digits) }

    /// The environment's key file in the master file, by the profile's records.
    private func issue() throws -> CardConversation {
        let conversation = CardConversation(
            channel, profile: profile, keys: keys, context: context, pin: try pin("123456"))
        let commands = CardCommands(profile: profile)
        let security = try #require(profile.directories["SSSE"])
        try conversation.perform(fixed("80E03F000D38FFFFF0F001FFFFFFFFFFFFFF"))
        try conversation.perform(fixed("80E00000073F01F001F0FFFF"))
        let master = try #require(security.masterKey)
        let header = [
            master.type, master.useRight, master.changeRight, master.nextState, master.tries << 4 | master.tries,
        ]
        try conversation.perform(fixed("80D4010015" + (header + profile.transportKey).hexadecimal))
        let issuerMaster = issuer(master.name)
        for (index, record) in ([master] + security.keys.dropFirst()).enumerated() {
            let current = index == 0 ? CardKeyReference.transport(profile.transportKey) : issuerMaster
            try conversation.perform(.fixed(commands.getChallenge(4)))
            try conversation.perform(
                .writeKey(
                    record, record.isPIN ? .personalIdentificationNumber(length: 3) : .key(issuer(record.name)),
                    isUpdate: index == 0, master: current))
        }
        return conversation
    }

    private func fixed(_ command: String) throws -> CardOperation { .fixed(try CommandAPDU(bytes: bytes(command))) }

    private func presentPUK(_ conversation: CardConversation) throws {
        let commands = CardCommands(profile: profile)
        for _ in 0..<2 { try conversation.perform(.fixed(commands.getChallenge(8))) }
        try conversation.perform(.authenticate(issuer("PUK"), identifier: 0x06, form: .session))
    }

    private func verifies(_ digits: String) throws -> Bool {
        let conversation = CardConversation(
            channel, profile: profile, keys: keys, context: context, pin: try pin(digits))
        return try conversation.send(.verifyPIN(identifier: 0, length: 3)).statusWord.isSuccess
    }

    private func block() throws { for _ in 0..<6 { #expect(try !verifies("999999")) } }

    @Test(arguments: ["fmcos-ssse", "fmcos-ssse-sm4"]) func aCounterResetsAForgottenPIN(name: String) throws {
        let site = try PINServiceTests(name)
        let conversation = try site.issue()
        try site.block()
        // without PUK the card refuses
        #expect(throws: CardError.refused(CommandAPDU(0x84, 0x24, 0x00, 0x01), .securityStatusNotSatisfied)) {
            try conversation.resetPIN(to: site.pin("567890"), with: issuer("STK"))
        }
        try site.presentPUK(conversation)
        try conversation.resetPIN(to: site.pin("567890"), with: issuer("STK"))
        #expect(try site.verifies("567890"))
        #expect(try !site.verifies("123456"))
    }

    @Test func aCounterUnblocksAPINThatTheHolderKnows() throws {
        let conversation = try issue()
        try block()
        #expect(try !verifies("123456"))
        try presentPUK(conversation)
        try conversation.unblockPIN(with: issuer("STK"))
        #expect(try verifies("123456"))
    }

    @Test func theHolderChangesThePIN() throws {
        let conversation = try issue()
        #expect(throws: CardError.wrongPIN(triesLeft: 5)) {
            try conversation.changePIN(0, from: pin("999999"), to: pin("567890"))
        }
        try conversation.changePIN(0, from: pin("123456"), to: pin("567890"))
        #expect(try verifies("567890"))
        try block()
        #expect(throws: CardError.pinBlocked) { try conversation.changePIN(0, from: pin("567890"), to: pin("123456")) }
    }

    /// The profile has no reload key; what the command looks like is the manual's matter (cos-dialects §6.6).
    @Test func reloadingNeedsAReloadKeyOnTheCard() throws {
        let conversation = try issue()
        #expect(throws: CardError.refused(CommandAPDU(0x80, 0x5E, 0x00, 0x00), .keyIndexNotSupported)) {
            try conversation.reloadPIN(0, to: pin("567890"), with: issuer("STK"))
        }
    }

    @Test func noErrorTellsAPIN() throws {
        let conversation = try issue()
        for act in [
            { try conversation.changePIN(0, from: pin("999999"), to: pin("565656")) },
            { try conversation.resetPIN(to: pin("565656"), with: issuer("STK")) },
            { try conversation.resetPIN(to: pin("565656"), with: .transport(profile.transportKey)) },
            { try conversation.reloadPIN(0, to: pin("565656"), with: issuer("PUK")) },
        ] {
            do {
                try act()
                Issue.record("done")
            } catch {
                #expect(!"\(error)".contains("565656") && !"\(error)".contains("86, 86"))
            }
        }
    }

    /// Line protection under the maintenance key as the key service holds it.
    @Test func filesAreReadAndWrittenUnderTheMaintenanceKey() throws {
        let conversation = try issue()
        try conversation.perform(fixed("80E0001607A80010F0F0FF7F"))
        let protection = IssuerKeyProtection(
            issuer("STK"), of: context, keys: keys, form: profile.lineProtection(.mac))
        let protected = ProtectedChannel(channel, protection, profile: profile)
        let update = try CommandAPDU(0x00, 0xD6, 0x96, 0x00, data: [1, 2, 3])
        #expect(try protected.transmit(update).statusWord == .success)
        #expect(try protected.transmit(CommandAPDU(0x00, 0xB0, 0x96, 0x00, le: 0x03)).data == [1, 2, 3])
        // the key is not for enciphering, and other keys are not for this at all
        for (key, mode) in [("STK", LineProtection.Mode.encipheredWithMAC), ("UKSSSE", .mac), ("STKXX", .mac)] {
            let other = IssuerKeyProtection(
                issuer(key), of: context, keys: keys, form: profile.lineProtection(mode))
            #expect(throws: CardChannelError.self) {
                try ProtectedChannel(channel, other, profile: profile).transmit(update)
            }
        }
    }
}
