import CardApplication
import CardCryptography
import CardLayout
import Foundation
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
        let tries = PSAMVisit(VisitRecord(), of: profile)
        #expect(throws: CardKeyError.self) { try PSAMSite.load(torn, profile, tries: tries) }
        let report = try PSAMSite.load(VirtualCardChannel(module), profile, tries: tries)
        #expect(report.differing.isEmpty && report.compared > 100)
    }

    /// Torn just after the first master key: another place knows nothing of it, presents one key and stops, and goes on where somebody says so.
    @Test func `a load that another place began is finished where somebody says so`() throws {
        let profile = try PSAMSite.profile()
        let module = try VirtualPSAM(profile: profile, serialNumber: [0x99, 1, 0, 0, 0, 0x81])
        let begun = TracingPSAM(try VirtualCardChannel(module))
        _ = try PSAMSite.load(begun, profile)
        let first = try #require(begun.commands.firstIndex { $0.ins == 0xD4 })
        let torn = try VirtualPSAM(profile: profile, serialNumber: [0x99, 1, 0, 0, 0, 0x82])
        #expect(throws: CardKeyError.self) {
            try PSAMSite.load(TracingPSAM(VirtualCardChannel(torn), limit: first + 1), profile)
        }
        #expect(throws: CardKeyError.module(.foreignBlank(triesLeft: 7))) {
            try PSAMSite.load(VirtualCardChannel(torn), profile)
        }
        #expect(try PSAMSite.load(VirtualCardChannel(torn), profile, wasBegunElsewhere: true).differing.isEmpty)
    }

    @Test func `a module of another issuer is left alone after one try of one master key`() throws {
        let profile = try PSAMSite.profile()
        let foreign = try PSAMSite.profile("transportKey: 0123456789ABCDEFFEDCBA9876543210")
        let channel = TracingPSAM(try PSAMSite.blank(foreign))
        #expect(throws: CardKeyError.module(.foreignBlank(triesLeft: 7))) { try PSAMSite.load(channel, profile) }
        #expect(channel.commands.count { $0.ins == 0x82 } == 1)
        #expect(!channel.commands.contains { $0.ins == 0xD4 || $0.ins == 0xD6 })
    }

    /// Eight tries, of which seven may be lost here, run after run and program after program: the record is a file.
    @Test(arguments: [
        ("transportKey: 0123456789ABCDEFFEDCBA9876543210", false, false), ("", true, false), ("", false, true),
    ])
    func `no number of runs locks a module`(settings: String, isLoaded: Bool, wasBegunElsewhere: Bool) throws {
        let folder = NSTemporaryDirectory() + UUID().uuidString
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let profile = try PSAMSite.profile()
        let other = try PSAMSite.profile(isLoaded ? "moduleFactor: {offset: 2, count: 8}" : settings)
        let module = try VirtualPSAM(profile: other, serialNumber: [0x99, 1, 0, 0, 0, 0x81])
        if isLoaded { _ = try PSAMSite.load(VirtualCardChannel(module), other) }
        func visit(_ channel: TracingPSAM, _ leave: LastTryPermission? = nil) throws -> PSAMVisit {
            try PSAMVisit(of: channel.answerToReset, in: folder, by: profile, lastTry: leave)
        }
        var presented = 0
        for run in 1...20 {
            let channel = TracingPSAM(try VirtualCardChannel(module))
            let error = #expect(throws: CardKeyError.self) {
                try PSAMSite.load(channel, profile, tries: visit(channel), wasBegunElsewhere: wasBegunElsewhere)
            }
            #expect((error == .module(.lastTry)) == (run > 7))
            presented += channel.commands.count { $0.ins == 0x82 }
        }
        #expect(presented == 7)
        // the one that is left opens it where two officers let it be, with the right keys
        let channel = TracingPSAM(try VirtualCardChannel(module))
        #expect(throws: CardKeyError.module(.lastTry)) { try PSAMSite.load(channel, other, tries: visit(channel)) }
        let leave = try LastTryPermission(officer: 1001, second: 2001)
        #expect(try PSAMSite.load(channel, other, tries: visit(channel, leave)).differing.isEmpty)
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
