import ByteText
import CardApplication
import CardCryptography
import CardData
import CardLayout
import ISO7816
import IssuerKeys
import Personalization
import Testing
import VirtualCard

/// A whole card over every protocol and level, and what a plan says before it runs.
@Suite struct GlobalPlatformPlanTests {
    static let channels = [
        "protocol: 02, parameter: 15, level: 01", "protocol: 02, parameter: 55, level: 03",
        "protocol: 02, parameter: 15, level: 00", "protocol: 03, parameter: 00, level: 03",
        "protocol: 03, parameter: 10, level: 01", "protocol: 03, parameter: 60, level: 13",
        "protocol: 03, parameter: 70, level: 33", "protocol: 03, parameter: 71, level: 33",
        "protocol: 03, parameter: 61, level: 11",
    ]

    private static func settings(_ channel: String) -> String {
        "secureChannel: {\(channel), keyVersion: 00, keySet: card-maker}"
    }

    @Test(arguments: channels)
    func aCardIsPersonalisedReadBackAndRekeyed(channel: String) throws {
        let site = try GlobalPlatformSite(
            Self.settings(channel)
                + "\nkeyReplacement: {keySet: issuer, replacing: 20, statesLength: true}\nlifeCycleStates: [07, 0F]")
        let plan = try site.plan()
        let connection = RelayChannel(try GlobalPlatformCardConnection(site.card))
        var done = 0
        try GlobalPlatformRunner(connection, keys: site.keys, card: site.context).run(plan) { count, _ in
            done = count
        }
        #expect(done == plan.commandCount)
        #expect(connection.sent.count == plan.commandCount, "the plan counts what is sent")
        for directory in ["SSSE", "DF01"] {
            let name = try #require(site.factory.compiled.layout.directory(directory)?.dedicatedFileName)
            #expect(site.card.isPersonalized(name))
        }
        // the new keys open the card, the old ones no longer do
        let again = try site.connection()
        #expect(throws: GlobalPlatformError.self) {
            try GlobalPlatformChannel.open(on: again, keys: site.keys, site.settings())
        }
        _ = try GlobalPlatformChannel.open(on: again, keys: site.keys, site.settings(keySet: "issuer"))
    }

    @Test func everyRecordOfThePersonIsOnTheCard() throws {
        let site = try GlobalPlatformSite()
        let plan = try site.plan()
        try GlobalPlatformRunner(
            GlobalPlatformCardConnection(site.card), keys: site.keys, card: site.context
        ).run(plan)
        let connection = try site.connection()
        let name = try #require(site.factory.compiled.layout.directory("SSSE")?.dedicatedFileName)
        #expect(try connection.transmit(GlobalPlatformCommands.select(name)).statusWord.isSuccess)
        // EF05 tag 07, the card number, by number and by tag
        let byNumber = try connection.transmit(CommandAPDU(0x00, 0xB2, 0x07, 0x05 << 3 | 4, le: 0))
        let byTag = try connection.transmit(CommandAPDU(0x00, 0xB2, 0x07, 0x05 << 3, le: 0))
        #expect(byNumber.data == [0x07, 0x09] + Array("D00000005".utf8))
        #expect(byTag == byNumber)
    }

    @Test func packedGroupingsTakeFewerCommandsForTheSameCard() throws {
        let single = try GlobalPlatformSite()
        let packed = try GlobalPlatformSite(
            """
            storeData: {groupings: packed, marksLastBlock: false, keysFirst: true, encipheredBits: 60, blankRecords: true}
            """)
        #expect(try packed.plan().commandCount < single.plan().commandCount)
        try GlobalPlatformRunner(
            GlobalPlatformCardConnection(packed.card), keys: packed.keys, card: packed.context
        ).run(packed.plan())
    }

    @Test func recordsWithTheTemplateOfEMVAreReadBackWithIt() throws {
        let site = try GlobalPlatformSite(
            """
            storeData:
              {groupings: single, recordTemplate: 70, marksLastBlock: true, keysFirst: false, encipheredBits: 60,
              blankRecords: false}
            """
        )
        try GlobalPlatformRunner(
            GlobalPlatformCardConnection(site.card), keys: site.keys, card: site.context
        ).run(site.plan())
    }

    /// Keys, life cycle and nothing else come after the last read-back.
    @Test func whatCannotBeTakenBackComesLast() throws {
        let settings = "keyReplacement: {keySet: issuer, replacing: 00, statesLength: true}\nlifeCycleStates: [0F]"
        let plan = try GlobalPlatformSite(settings).plan()
        let lastRead = try #require(plan.steps.lastIndex { $0.purpose == .readBack })
        let firstLock = try #require(plan.steps.firstIndex { [.setLifeCycle, .replaceKeys].contains($0.purpose) })
        #expect(lastRead < firstLock)
        #expect(plan.lines.count == plan.steps.count)
        #expect(try plan.hash == GlobalPlatformSite(settings).plan().hash)
    }

    @Test func theLastBlockIsMarkedAndKeysComeFirstAsTheProfileSays() throws {
        let plan = try GlobalPlatformSite().plan()
        let stores = plan.steps.filter {
            [.storeKeys, .storeData].contains($0.purpose) && $0.subject.hasPrefix("SSSE")
        }
        #expect(stores.first?.purpose == .storeKeys)
        #expect(stores.filter { $0.printed.hasPrefix("80E280") }.count == 1)
        #expect(stores.last?.printed.hasPrefix("80E280") == true)
    }

    @Test func aRunThatStoppedIsRunAgainFromItsBeginning() throws {
        let site = try GlobalPlatformSite()
        let plan = try site.plan()
        for cut in stride(from: 0, to: plan.commandCount, by: 7) {
            let connection = try GlobalPlatformCardConnection(site.card)
            let torn = FaultChannel(connection, cutAt: cut, .beforeAnswer) { site.card.powerOff() }
            #expect(throws: GlobalPlatformRunner.Stopped.self, "\(cut)") {
                try GlobalPlatformRunner(torn, keys: site.keys, card: site.context).run(plan)
            }
            try GlobalPlatformRunner(connection, keys: site.keys, card: site.context).run(plan)
        }
    }

    @Test func everyFaultOfAProfileIsToldAtOnce() throws {
        var codes: [String] = []
        do {
            _ = try GlobalPlatformSite.profile(
                """
                securityDomain: A000
                secureChannel: {protocol: 03, parameter: 40, level: 02, keyVersion: 00, keySet: x}
                checkValue: sometimes
                applications: {SSSE: {loadFile: 00, module: D15600000599000101, privileges: 0000, parameters: C900}}
                """)
        } catch let error as any FaultReporting {
            codes = error.faults.map(\.code.rawValue)
        }
        #expect(
            codes == [
                "globalplatform.application-identifier", "globalplatform.channel", "globalplatform.level",
                "globalplatform.application-identifier", "globalplatform.privileges", "layout.unknown-choice",
            ])
    }

    @Test func dataForADirectoryWithoutAnApplicationIsRefused() throws {
        let site = try GlobalPlatformSite()
        let image = CardImage.blank(of: site.factory.compiled.layout)
        do {
            _ = try GlobalPlatformPlanner(profile: site.profile, layout: site.factory.compiled.layout).plan(for: image)
            Issue.record("the plan was made")
        } catch {
            #expect(Set(error.faults.map(\.code.rawValue)) == ["globalplatform.no-application"])
        }
    }
}
