import ByteText
import CardApplication
import CardCryptography
import CardLayout
import ISO7816
import IssuerKeys
import Testing
import VirtualCard

/// Each setting of a PSAM's profile in what the program sends to the module (cos-dialects §7).
@Suite struct PSAMSettingTests {
    private let cardFactor: [UInt8] = [0x86, 0x49, 1, 2, 3, 4, 5, 6]
    private let pair = ChallengePair(factor: [1, 2, 3, 4, 5, 6, 7, 8], original: [9, 8, 7, 6, 5, 4, 3, 2])

    /// DELIVERY SESSION KEY of UKSSSE (kind 8, identifier 12): levels in the high three bits of P1; the card's factor, the city's
    /// (`990101sx`, ASCII) where a province's key is used, and the session factor.
    @Test(arguments: [
        ("keyLevel: city\nfactorOrder: card-first", "BFDE2812108649010203040506"),
        ("keyLevel: city\nfactorOrder: province-first", "BFDE2812108649010203040506"),
        ("keyLevel: province\nfactorOrder: card-first", "BFDE48121886490102030405063939303130317378"),
        ("keyLevel: province\nfactorOrder: province-first", "BFDE48121839393031303173788649010203040506"),
    ]) func keyLevelAndFactorOrder(settings: String, command: String) throws {
        let profile = try PSAMSite.profile(settings)
        let channel = TracingPSAM(try PSAMSite.blank(profile))
        _ = try PSAMSite.load(channel, profile)
        let service = try PSAMKeyService(
            channel, dialect: PSAMDialect(profile), hierarchy: PSAMSite.hierarchy())
        _ = try service.externalAuthentication(
            with: issuer("UKSSSE"),
            of: CardKeyContext(algorithm: .tripleDES, area: PSAMSite.area, cardFactor: cardFactor), challenges: pair,
            form: CryptogramForm())
        let sent = channel.commands.filter { $0.ins == 0xDE }.map(\.bytes.hexadecimal)
        #expect(sent == [command + "0102030405060708"])
    }

    /// The module's own master key is diversified by its historical bytes from T5 on, or from T3: to a program that takes others it is
    /// another issuer's module, found out at the cost of one try.
    @Test(arguments: [(4, 2), (2, 4)]) func moduleFactor(setting: Int, other: Int) throws {
        let profile = try PSAMSite.profile("moduleFactor: {offset: \(setting), count: 8}")
        let channel = try PSAMSite.blank(profile)
        _ = try PSAMSite.load(channel, profile)
        let mistaken = try PSAMSite.profile("moduleFactor: {offset: \(other), count: 8}")
        #expect(throws: CardKeyError.module(.foreignMaster(triesLeft: 7))) { try PSAMSite.load(channel, mistaken) }
        #expect(try PSAMSite.load(channel, profile).differing.isEmpty)
    }

    /// Whatever the module's maker chose, its cryptograms are the store's.
    @Test(arguments: [
        "transport: direct", "application: D15600000591", "transportKey: 0123456789ABCDEFFEDCBA9876543210",
        "masterTries: 3", "version: {file: 0017, offset: 12, new: 07, sm4From: 06}", "terminalNumberFile: 0018",
        "areaFile: 001B", "keyFiles: {3des: 0012, sm4: 0011}", "algorithmCodes: {3des: 01, sm4: 14}",
        "largestCalculation: 32", "sm4CalculationBit: 40",
    ]) func theProgramFollowsTheModule(settings: String) throws {
        let store = try CardSite.developmentKeys()
        let profile = try PSAMSite.profile(settings)
        let channel = try PSAMSite.blank(profile)
        _ = try PSAMSite.load(channel, profile, terminalNumber: [0x99, 1, 0, 0, 0, 0x81])
        let module = try PSAMKeyService(
            channel, dialect: PSAMDialect(profile), hierarchy: PSAMSite.hierarchy())
        for algorithm in [CardAlgorithm.tripleDES, .sm4] {
            let card = CardKeyContext(algorithm: algorithm, area: PSAMSite.area, cardFactor: cardFactor)
            #expect(
                try module.externalAuthentication(
                    with: issuer("PUK"), of: card, challenges: pair, form: CryptogramForm())
                    == store.externalAuthentication(
                        with: issuer("PUK"), of: card, challenges: pair, form: CryptogramForm()))
            let exchange = ProtectedExchange(
                key: issuer("STKDF01"), card: card, challenge: pair.factor, protection: LineProtection(.mac))
            let command = try CommandAPDU(0x00, 0xDC, 0x01, 0x3C, data: [UInt8](repeating: 0xA5, count: 60))
            #expect(try module.protect(command, by: exchange) == store.protect(command, by: exchange))
        }
        let contents = try PSAMContents(channel, dialect: PSAMDialect(profile), hierarchy: PSAMSite.hierarchy())
        #expect(contents.area == PSAMSite.area && contents.terminalNumber == [0x99, 1, 0, 0, 0, 0x81])
    }
}
