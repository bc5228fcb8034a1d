import ByteText
import CardApplication
import CardCryptography
import CardData
import ISO7816
import IssuerKeys
import Personalization
import Testing
import VirtualCard

@testable import CardLayout

/// A whole card over every protocol and level, and what a plan says before it runs.
@Suite struct GlobalPlatformPlanTests {
    static let channels = [
        "protocol: 02, parameter: 15, level: 01", "protocol: 02, parameter: 55, level: 03",
        "protocol: 02, parameter: 15, level: 00", "protocol: 03, parameter: 00, level: 03",
        "protocol: 03, parameter: 10, level: 01", "protocol: 03, parameter: 60, level: 13",
        "protocol: 03, parameter: 70, level: 33", "protocol: 03, parameter: 71, level: 33",
        "protocol: 03, parameter: 61, level: 11",
    ]

    /// A profile with this channel, and the derivation that its protocol has.
    static func settings(_ channel: String) -> String {
        "secureChannel: {\(channel), keyVersion: 00, keySet: card-maker}"
            + (channel.hasPrefix("protocol: 03") ? "\ndiversification: {issuer: counter}" : "")
    }

    @Test(arguments: channels)
    func aCardIsPersonalisedReadBackAndRekeyed(channel: String) throws {
        let site = try GlobalPlatformSite(Self.settings(channel) + "\nlifeCycleStates: [07, 0F]")
        let plan = try site.plan()
        let connection = RelayChannel(try VirtualCardChannel(site.card))
        let workshop = try site.workshop()
        defer { workshop.close() }
        var done = 0
        try workshop.begin(plan, on: connection) { done = $0.done }
        #expect(done == plan.commandCount)
        #expect(connection.sent.count == plan.commandCount, "the plan counts what is sent")
        // and states every length before it is sent, Le apart, which the transport may drop
        let lengths = zip(connection.sent, plan.steps).allSatisfy { sent, step in
            abs(sent.bytes.count - step.operation.length(profile: plan.profile)) <= 1
        }
        #expect(lengths)
        for directory in site.compiled.directories {
            #expect(site.card.isPersonalized(try #require(directory.directory?.dedicatedFileName)))
        }
        // the new keys open the card, the published ones no longer do
        let again = try site.connection()
        #expect(throws: GlobalPlatformError.self) { try site.open(again) }
        _ = try site.open(again, keySet: "issuer")
    }

    /// INSTALL travels whole: with parameters of 102 bytes it has 141 data bytes (eight, nine and fifteen of AIDs, 102, one of privileges, six
    /// lengths), and eight of the MAC.
    @Test func aReaderThatTakesLessThanInstallIsToldBeforeTheCardIsBegun() throws {
        let names = ["SSSE": "IRK", "DF01": "UK1DF01", "DF02": "UK1DF02", "DF03": "UK1DF03", "DF04": "UK1DF04"]
        let applications = (names.map { "\($0): {keys: {8000: [\($1)]}}" } + ["DF07: {keys: {8000: [UK1DF07]}}"])
            .map {
                $0.hasPrefix("SSSE") ? $0.dropLast() + ", parameters: C964\(String(repeating: "00", count: 100))}" : $0
            }
        let site = try GlobalPlatformSite("applications: {\(applications.joined(separator: ", "))}")
        let image = try PersonImageEncoder(layout: site.compiled.layout).encode(site.person)
        func plan(_ readerTakes: Int) throws -> CardPlan {
            try CardPlanner(site.compiled, readerTakes: readerTakes).plan(for: image, pinLength: 3)
        }
        #expect(try plan(149).longestCommandData == 149)
        let error = #expect(throws: Faults.self) { try plan(148) }
        #expect(error?.faults.map(\.code.rawValue) == ["plan.reader-takes-less"])
        #expect(error?.faults.first?.parameters == ["needed": "149", "takes": "148"])
    }

    @Test func everyRecordOfThePersonIsReadAsOnOtherCards() throws {
        let site = try GlobalPlatformSite()
        let workshop = try site.workshop()
        defer { workshop.close() }
        try workshop.begin(site.plan(), on: VirtualCardChannel(site.card))
        let readings = try CardReader(
            site.conversation(VirtualCardChannel(site.card)), site.compiled, presentsKeys: false
        ).read()
        let content = CardDump(layoutName: "national-2.0", answerToReset: [], readings: readings)
            .content(by: site.compiled.layout)
        #expect(content["SSSE", "EF06", "name"]?.text == site.person["name"])
        #expect(content["SSSE", "EF05", "cardNumber"]?.text == "D00000005")
        #expect(content["DF01", "EF08", "maritalStatus"]?.text == "1")
        #expect(content.warnings.isEmpty)
        #expect(readings.allSatisfy { if case .refused = $0.outcome { false } else { true } })
    }

    @Test func aTemplateAroundRecordsIsTakenOffWhenTheyAreRead() throws {
        let site = try GlobalPlatformSite(
            """
            storeData:
              {groupings: single, recordTemplate: 70, marksLastBlock: true, keysFirst: false, encipheredBits: 60,
              blankRecords: false}
            """)
        let workshop = try site.workshop()
        defer { workshop.close() }
        try workshop.begin(site.plan(), on: VirtualCardChannel(site.card))
        let conversation = try site.conversation(VirtualCardChannel(site.card))
        let readings = try CardReader(conversation, site.compiled, presentsKeys: false).read(directories: ["SSSE"])
        let content = CardDump(layoutName: "national-2.0", answerToReset: [], readings: readings)
            .content(by: site.compiled.layout)
        #expect(content["SSSE", "EF06", "name"]?.text == site.person["name"])
        #expect(
            try CardClassification.of(conversation, layout: site.compiled.layout)
                == .issued(identificationCode: try #require(site.person["identificationCode"])))
    }

    @Test func packedGroupingsTakeFewerCommandsForTheSameCard() throws {
        let single = try GlobalPlatformSite()
        let packed = try GlobalPlatformSite(
            """
            storeData: {groupings: packed, marksLastBlock: false, keysFirst: true, encipheredBits: 60, blankRecords: true}
            """)
        #expect(try packed.plan().commandCount < single.plan().commandCount)
        let workshop = try packed.workshop()
        defer { workshop.close() }
        try workshop.begin(packed.plan(), on: VirtualCardChannel(packed.card))
    }

    /// Whichever bits of P1 say that data is enciphered, the trace that keeps personal data keeps no key and no PIN, enciphered or not.
    @Test(arguments: ["20", "40", "60"]) func noKeyReachesTheTraceByAnyBitOfEncipherment(bits: String) throws {
        let site = try GlobalPlatformSite("storeData: {encipheredBits: \(bits)}")
        let workshop = try site.workshop()
        defer { workshop.close() }
        let tracing = TracingChannel(try VirtualCardChannel(site.card), personalData: .shown)
        try workshop.begin(site.plan(), on: tracing)
        let stored = tracing.trace.entries.compactMap { entry -> (UInt8, CardTrace.Content)? in
            guard case .command(let header, let content, _) = entry.action, header[1] == 0xE2 else { return nil }
            return (header[2], content)
        }
        let mask = try #require(UInt8(bits, radix: 16))
        #expect(stored.contains { $0.0 & mask != 0 })
        #expect(stored.filter { $0.0 & mask != 0 }.allSatisfy { $0.1 == .secret })
        #expect(stored.contains { if case .shown = $0.1 { true } else { false } })
        // The card took the keys as enciphered: another mask is refused.
        let card = try GlobalPlatformSite("storeData: {encipheredBits: \(bits == "60" ? "20" : "60")}").card
        let other = try site.workshop()
        defer { other.close() }
        #expect(throws: PersonalizationError.self) { try other.begin(site.plan(), on: VirtualCardChannel(card)) }
    }

    @Test(arguments: ["00", "10", "80", "E0", "61"]) func otherBitsSayNothingOfEncipherment(bits: String) throws {
        let faults = #expect(throws: Faults.self) {
            try GlobalPlatformSite.profile("storeData: {encipheredBits: \(bits)}")
        }
        #expect(faults?.faults.map(\.code) == ["globalplatform.enciphered-bits"])
    }

    /// Keys, life cycle and nothing else come after the last read-back.
    @Test func whatCannotBeTakenBackComesLast() throws {
        let plan = try GlobalPlatformSite("lifeCycleStates: [0F]").plan()
        let lastRead = try #require(plan.steps.lastIndex { $0.purpose.kind == .readBack })
        let firstLock = try #require(
            plan.steps.firstIndex { [.setLifeCycle, .replaceMaster].contains($0.purpose.kind) })
        #expect(lastRead < firstLock)
        #expect(try plan.hash == GlobalPlatformSite("lifeCycleStates: [0F]").plan().hash)
        #expect(try plan.hash != GlobalPlatformSite("lifeCycleStates: [07]").plan().hash)
    }

    @Test func noKeyAndNoPINStandsInAPlan() throws {
        let site = try GlobalPlatformSite()
        let plan = try site.plan()
        let text = plan.steps.map {
            $0.operation.printed(profile: plan.profile) + $0.operation.slotDescription(profile: plan.profile)
        }.joined(separator: "\n")
        #expect(!text.contains("404142434445"))
        #expect(!text.contains("26925814"))
        #expect(text.contains("SCP02 i=15 level 01 keys card-maker none"))
        #expect(text.contains("keys of issuer emv encryptedZeros secured"))
    }

    @Test func theLastBlockIsMarkedAndKeysComeFirstAsTheProfileSays() throws {
        let site = try GlobalPlatformSite()
        let plan = try site.plan()
        let stage = try #require(plan.stages.first { $0.kind == .directory("SSSE") })
        let stores = stage.steps.filter { [.loadKey, .setPIN, .writeElement].contains($0.purpose.kind) }
        let printed = stores.map { $0.operation.printed(profile: plan.profile) }
        #expect(stores.prefix(2).map(\.purpose.kind) == [.loadKey, .setPIN])
        #expect(printed.first?.hasPrefix("80E260008000") == true)
        #expect(printed.filter { $0.hasPrefix("80E280") }.count == 1)
        #expect(printed.last?.hasPrefix("80E280") == true)
        // 9010, the try counter and its limit
        #expect(printed.contains { $0.contains("9010020606") })
    }

    /// `checkValue`: by which the card shows what key it was given; a card that shows another is not believed.
    @Test(arguments: ["encrypted-zeros", "encrypted-ones", "cmac-of-zeros"])
    func checkValuesAreComparedByTheMethodOfTheProfile(setting: String) throws {
        let method = setting == "encrypted-zeros" ? "encrypted-ones" : "encrypted-zeros"
        let other = try GlobalPlatformSite("checkValue: \(method)")
        let site = try GlobalPlatformSite("checkValue: \(setting)")
        for (card, isRight) in [(other.card, false), (site.card, true)] {
            let workshop = try site.workshop()
            defer { workshop.close() }
            let result = Result { try workshop.begin(site.plan(), on: VirtualCardChannel(card)) }
            guard !isRight else { return try result.get() }
            #expect(throws: PersonalizationError.self) { try result.get() }
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
                authenticationTries: 0
                lifeCycleStates: [0F, 07]
                blankKeys: {version: 20, value: 4041}
                applications: {SSSE: {loadFile: 00, module: D15600000599000101, privileges: 0000, parameters: C900}}
                """)
        } catch let error as any FaultReporting {
            codes = error.faults.map(\.code.rawValue).sorted()
        }
        #expect(
            codes == [
                "data-file.not-hexadecimal", "globalplatform.application-identifier",
                "globalplatform.application-identifier", "globalplatform.channel", "globalplatform.level",
                "globalplatform.life-cycle-state", "globalplatform.no-diversification", "globalplatform.privileges",
                "layout.out-of-range",
                "layout.unknown-choice",
            ])
    }

    @Test(arguments: ["01", "7F", "FF", "07, 07", "0F, 07", "00"])
    func noStateThatLocksOrEndsACardStandsInAProfile(states: String) throws {
        #expect(throws: Faults.self) { try GlobalPlatformSite.profile("lifeCycleStates: [\(states)]") }
    }

    @Test func aPlanTellsWhatItsSecurityDomainsWillWant() throws {
        let site = try GlobalPlatformSite()
        let needs = try site.plan().keyNeeds
        let version = site.profile.channelProtocol.version
        let card = try #require(
            CardKeyContext(
                VirtualCardChannel(site.card).answerToReset, profile: site.compiled.profile,
                area: GlobalPlatformSite.area))
        #expect(needs.contains(.securityDomain(.channel(version, .none), keySet: "card-maker")))
        #expect(
            needs.contains(
                .securityDomain(
                    .putKey(keySet: "issuer", version, site.profile.diversification(of: "issuer")),
                    keySet: "card-maker")))
        let carried = needs.flatMap { need -> [CardKeyReference] in
            if case .securityDomain(.keyData(let keys), "card-maker") = need { keys } else { [] }
        }
        #expect(carried.contains(.issuer(KeyName(rawValue: "IRK"))))
        for need in needs { try site.keys.check(need, of: card) }
    }

    @Test func whatNoGroupingCarriesIsRefusedByName() throws {
        let site = try GlobalPlatformSite()
        let compiled = site.compiled
        let photo = try #require(compiled.layout.directory("SSSE")?.file("EF08"))
        let file = CardImage.File(directory: "SSSE", file: photo, content: .bytes([1]))
        do throws(Faults) {
            _ = try CardPlanner(compiled).plan(for: CardImage(files: [file]), pinLength: 3)
            Issue.record("the plan was made")
        } catch {
            #expect(error.faults.map(\.code.rawValue) == ["globalplatform.file-without-grouping"])
            #expect(error.faults.first?.parameters["file"] == "SSSE/EF08")
        }
        let lint = try #require(
            ApplicationLint(layout: compiled.layout, profile: compiled.profile, keyNames: [], keySets: []))
        #expect(Set(lint.check().map(\.code.rawValue)) == ["globalplatform.unknown-key-set", "layout.key-unknown"])
        let left = lint.notices.filter { $0.code == "globalplatform.file-left-out" }.compactMap {
            $0.parameters["file"]
        }
        #expect(left.contains("SSSE/EF08") && left.contains("DF01/EF16"))
        #expect(
            lint.notices.contains { $0.code == "globalplatform.rule-left-open" && $0.parameters["file"] == "DF01/EF05" }
        )
    }

    @Test func aLayoutWithADirectoryThatHasNoApplicationDoesNotCompile() throws {
        let library = LayoutLibrary(home: CardFactory.home)
        // DF0B has an application of the profile, DF0C has none.
        let region = try library.layout(named: "example-region-1.1")
        let application = try #require(region.directory("DF0B"))
        let unknown = Directory(
            name: "DF0C", identifier: 0xDF0C, dedicatedFileName: application.dedicatedFileName, parent: nil,
            title: application.title, files: application.files, place: application.place)
        let extended = CardLayout(
            name: region.name, specificationVersion: region.specificationVersion, title: region.title,
            profileName: region.profileName, directories: region.directories + [unknown], place: region.place)
        let profile = try library.profile(named: "globalplatform")
        #expect {
            try CompiledCard(layout: extended, profile: profile)
        } throws: { error in
            (error as? Faults)?.faults.map(\.code) == ["layout.directory-not-in-profile"]
        }
        for layout in ["national-1.0", "national-2.0", "national-3.0", "example-region", "example-region-1.1"] {
            for profile in try library.globalPlatformProfileNames {
                let compiled = try library.compiledCard(named: "\(layout)@\(profile)")
                #expect(compiled.name == "\(layout)@\(profile)")
            }
        }
    }
}
