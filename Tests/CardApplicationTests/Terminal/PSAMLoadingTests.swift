import CardApplication
import CardCryptography
import CardLayout
import ISO7816
import IssuerKeys
import Testing
import VirtualCard

/// Keys brought into a module: what is sent, what a tear leaves, and which modules get none.
@Suite struct PSAMLoadingTests {
    @Test func `a load brings every key that has a place, by cipher alone, and compares them`() throws {
        let profile = try PSAMSite.profile()
        let recorder = TracingPSAM(try PSAMSite.blank(profile))
        let report = try PSAMSite.load(recorder, profile, terminalNumber: [0x99, 1, 0, 0, 0, 0x81])
        let hierarchy = try PSAMSite.hierarchy()
        let places = hierarchy.keys.filter { $0.terminalKey != nil }.map(\.name)
        #expect(report.loaded == [.tripleDES: places, .sm4: places])
        #expect(report.compared == 2 * places.count - 2 * 5, "DPK 1 to 3, DLK and DTK are no keys for 80 1A")
        #expect(report.differing.isEmpty)
        let writes = recorder.commands.filter { $0.ins == 0xD4 }
        #expect(writes.count == 2 * places.count + 1)
        #expect(writes.allSatisfy { $0.cla == 0x84 && $0.data.count == 0x24 })
        let contents = try PSAMContents(recorder, dialect: PSAMDialect(profile), hierarchy: hierarchy)
        #expect(contents.keys.allSatisfy(\.isHeld) && contents.keys.count == 2 * places.count)
        #expect(contents.area == PSAMSite.area && contents.terminalNumber == [0x99, 1, 0, 0, 0, 0x81])
    }

    /// Power is cut before each command of the first steps, and in the middle; the same load finishes the module.
    @Test(arguments: Array(0...12) + [100, 250])
    func `a torn load is finished by running it again`(cut: Int) throws {
        let profile = try PSAMSite.profile()
        let module = try VirtualPSAM(profile: profile, serialNumber: [0x99, 1, 0, 0, 0, 0x81])
        let torn = TracingPSAM(try VirtualCardChannel(module), limit: cut)
        #expect(throws: CardKeyError.self) { try PSAMSite.load(torn, profile) }
        let report = try PSAMSite.load(VirtualCardChannel(module), profile)
        #expect(report.differing.isEmpty && report.compared > 100)
    }

    @Test func `a module of another issuer is left alone after one try of each master key`() throws {
        let profile = try PSAMSite.profile()
        let foreign = try PSAMSite.profile("transportKey: 0123456789ABCDEFFEDCBA9876543210")
        let channel = TracingPSAM(try PSAMSite.blank(foreign))
        #expect(throws: CardKeyError.module(.foreignMaster(triesLeft: 6))) { try PSAMSite.load(channel, profile) }
        #expect(!channel.commands.contains { $0.ins == 0xD4 || $0.ins == 0xD6 })
    }

    @Test func `an empty module, a card and a module that is gone are told apart`() throws {
        let profile = try PSAMSite.profile()
        let hierarchy = try PSAMSite.hierarchy()
        #expect(throws: CardKeyError.module(.empty)) {
            try PSAMKeyService(PSAMSite.blank(profile), dialect: PSAMDialect(profile), hierarchy: hierarchy)
        }
        let card = try VirtualCard(profile: CardSite.profile(), serialNumber: [0x99, 1, 0, 0, 0, 1])
        #expect(throws: CardKeyError.module(.notAModule)) {
            try PSAMKeyService(VirtualCardChannel(card), dialect: PSAMDialect(profile), hierarchy: hierarchy)
        }
        let channel = TracingPSAM(try PSAMSite.blank(profile))
        _ = try PSAMSite.load(channel, profile)
        let service = try PSAMKeyService(channel, dialect: PSAMDialect(profile), hierarchy: hierarchy)
        channel.limit = channel.commands.count
        #expect(throws: CardKeyError.module(.gone("cardRemoved"))) {
            try service.plainExternalAuthentication(
                with: issuer("PUK"),
                of: CardKeyContext(
                    algorithm: .tripleDES, area: PSAMSite.area, cardFactor: [0x86, 0x49, 1, 2, 3, 4, 5, 6]),
                challenge: [1, 2, 3, 4, 5, 6, 7, 8], form: CryptogramForm())
        }
    }
}
