import ByteText
import CardApplication
import CardCryptography
import CardData
import CardLayout
import Foundation
import ISO7816
import IssuerKeys
import Personalization
import Testing
import VirtualCard

/// Files whose commands travel under line protection: planned, made, torn, read, changed, and refused where somebody stands between.
@Suite struct ProtectedFileTests {
    static let secret = "LR990101000001"

    /// A small layout of a region: the environment, and an application with a file of each kind of protection.
    static func compiled(profile settings: String = "", on chip: String = "fmcos-ssse-region") throws -> CompiledCard {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
        try FileManager.default.copyItem(atPath: CardFactory.home + "/CardLayouts", toPath: folder.path)
        defer { try? FileManager.default.removeItem(at: folder) }
        try layout.write(toFile: folder.path + "/small.yaml", atomically: true, encoding: .utf8)
        try "name: small\ntitle: 小\nextends: \(chip)\n\(settings)\n"
            .write(toFile: folder.path + "/profiles/small.yaml", atomically: true, encoding: .utf8)
        return try CompiledCard(
            layout: LayoutReader.read(folder.path + "/small.yaml"),
            profile: COSProfileReader.read(folder.path + "/profiles/small.yaml"))
    }

    private static let layout = """
        name: small
        title: 小
        specificationVersion: "3.00"
        profile: small
        directories:
          SSSE:
            title: 环境
            identifier: DF00
            select: 7378312E73682EC9E7BBE1B1A3D5CF
            files:
              EF05:
                title: 发卡机构数据
                structure: variable-record
                read: free
                write: UKSSSE
                elements:
                  identificationCode: {tag: 01, title: 卡的识别码, type: b, length: 10, format: identificationCode}
          DF0A:
            title: 地区便民服务
            parent: SSSE
            select: D1560000050A
            files:
              EF05:
                title: 登记
                structure: variable-record
                read: pin | RK1DF0A
                write: UK1DF0A
                protection: {mode: enciphered, key: STKDF0A, reading: protected}
                elements:
                  libraryReader: {tag: ED, title: 借书证号, type: an, length: 10}
                  serviceDate:   {tag: EE, title: 登记日期, type: cn, length: 04, format: date}
              EF06:
                title: 记录
                structure: cyclic
                records: 5
                length: 08
                read: free
                write: UK1DF0A
                protection: {mode: mac, key: STKDF0A, reading: plain}
                elements:
                  date: {title: 日期, type: cn, length: 04, format: date}
                  kind: {title: 服务类型, type: an, length: 04}
              EF07:
                title: 图
                structure: transparent
                size: 12C
                read: RK1DF0A
                write: UK1DF0A
                protection: {mode: mac, key: STKDF0A, reading: protected}
                elements:
                  map: {title: 地图, type: b, length: 12C}
        """

    static let values = [
        "identificationCode": "990101D15600000504000001A1B2C3D4", "libraryReader": secret, "serviceDate": "20260701",
        "DF0A.EF06": "date=20260701;kind=A1|date=20260702;kind=B2",
        "map": [UInt8](repeating: 0x5A, count: 300).hexadecimal,
    ]

    /// A finished card of the small layout.
    private struct Finished {
        let factory: CardFactory
        let card: VirtualCard
        var compiled: CompiledCard { factory.compiled }

        init(_ settings: String = "", on chip: String = "fmcos-ssse-region") throws {
            factory = try CardFactory(ProtectedFileTests.compiled(profile: settings, on: chip))
            let workshop = try factory.workshop()
            defer { workshop.close() }
            card = try factory.blank()
            try workshop.begin(
                factory.plan(ProtectedFileTests.values), on: VirtualCardChannel(card), values: ProtectedFileTests.values
            )
        }

        func read(_ channel: any CardChannel, presentsKeys: Bool = true) throws -> [String: FileReading.Outcome] {
            let readings = try CardReader(
                factory.conversation(channel), compiled, presentsKeys: presentsKeys, pinLength: 3
            ).read(directories: ["DF0A"])
            return Dictionary(uniqueKeysWithValues: readings.map { ($0.file, $0.outcome) })
        }
    }

    // MARK: - Planned

    /// Type bytes EC, AE and A8, control bytes 7F and FF (cos-dialects §3.1, §3.3).
    @Test func theCreationBytesAreThoseOfTheManual() throws {
        let plan = try CardFactory(Self.compiled()).plan(Self.values)
        let created = plan.steps.filter { $0.purpose.kind == .createFile && $0.purpose.subject.hasPrefix("DF0A") }
            .map { $0.operation.printed(profile: plan.profile) }
        #expect(created == ["80E0EF0507EC00182144FF7F", "80E0EF0607AE0508F044FFFF", "80E0EF0707A8012C1144FF7F"])
        let one = try CardFactory(Self.compiled(profile: "secureMessaging: {encipheredFiles: 40}")).plan(Self.values)
        #expect(one.steps.contains { $0.operation.printed(profile: one.profile) == "80E0EF05076C00182144FF7F" })
    }

    @Test func eachProtectedCommandHasAChallengeAndNoneIsTooMany() throws {
        let plan = try CardFactory(Self.compiled()).plan(Self.values)
        #expect(plan.commandCount == plan.minimum.total)
        let steps = plan.steps
        var count = 0
        for (index, step) in steps.enumerated() {
            guard case .protected = step.operation else { continue }
            count += 1
            #expect(steps[index - 1].purpose.kind == .takeChallenge)
        }
        // EF05: two records made with their values, and read; EF06: two rows; EF07: 300 bytes in pieces of 235 to write and 240 to read
        #expect(count == 4 + 2 + 2 + 2)
        // a plan is for one person: what a slot will carry is in its hash
        let other = try CardFactory(Self.compiled()).plan(Self.values.merging(["libraryReader": "X"]) { $1 })
        #expect(try other.hash != plan.hash)
        // and its needs of the key service are foreseen
        #expect(plan.keyNeeds.contains(.lineProtection(.mac, .issuer(KeyName(rawValue: "STKDF0A")))))
        #expect(plan.keyNeeds.contains(.lineProtection(.encipheredWithMAC, .issuer(KeyName(rawValue: "STKDF0A")))))
        #expect(plan.keyNeeds.contains(.encipheredReading(.issuer(KeyName(rawValue: "STKDF0A")))))
    }

    // MARK: - Made

    @Test(arguments: [
        "", "secureMessaging: {readForm: counted}", "secureMessaging: {key: session-key, challenge: 8}",
        "secureMessaging: {encipheredFiles: 40}", "secureMessaging: {sm4: {macLength: 8, dataPadding: always}}",
    ])
    func aCardIsMadeAndReadBack(settings: String) throws {
        let finished = try Finished(settings)
        let read = try finished.read(VirtualCardChannel(finished.card))
        #expect(
            read["EF05"]
                == .records([
                    [0xED, 0x10] + Array(Self.secret.utf8) + [0, 0], [0xEE, 0x04, 0x20, 0x26, 0x07, 0x01],
                ]))
        #expect(read["EF07"] == .bytes([UInt8](repeating: 0x5A, count: 300)))
        guard case .records(let rows)? = read["EF06"] else { return #expect(Bool(false), "no rows") }
        // rows stand newest first, on the card as in the text
        #expect(rows.first == [0x20, 0x26, 0x07, 0x01] + Array("A1".utf8) + [0, 0])
    }

    @Test func whatIsSentHasTheLengthsOfThePlanAndHidesWhatItMust() throws {
        let factory = try CardFactory(Self.compiled())
        let workshop = try factory.workshop()
        defer { workshop.close() }
        let relay = RelayChannel(try VirtualCardChannel(factory.blank()))
        let plan = try factory.plan(Self.values)
        try workshop.begin(plan, on: relay, values: Self.values)
        let sent = relay.sent.filter { $0.ins != 0xC0 }
        #expect(sent.map(\.bytes.count) == plan.steps.map { $0.operation.length(profile: plan.profile) })
        let line = (relay.sent.map(\.bytes) + relay.answers.map(\.bytes)).map(\.hexadecimal)
        #expect(!line.contains { $0.contains(Array(Self.secret.utf8).hexadecimal) })
        #expect(line.contains { $0.contains("5A5A5A5A5A") }, "what has a MAC alone travels in plain")
    }

    // MARK: - Torn

    @Test(arguments: FaultChannel.Moment.allCases)
    func aTornCardIsFinishedFromEveryCut(moment: FaultChannel.Moment) throws {
        let factory = try CardFactory(Self.compiled())
        let plan = try factory.plan(Self.values)
        let whole = try Finished().card
        // The master file's key file stands and its first key does not: nobody has a right in the card any more.
        let keyFile = try #require(plan.steps.firstIndex { $0.purpose.kind == .createKeyFile })
        let fatal = moment == .beforeAnswer ? keyFile : keyFile + 1
        for step in 0..<plan.commandCount {
            let workshop = try factory.workshop()
            defer { workshop.close() }
            let card = try factory.blank()
            let torn = try FaultChannel(VirtualCardChannel(card), cutAt: step, moment) { card.powerOff() }
            #expect(throws: PersonalizationError.self) { try workshop.begin(plan, on: torn, values: Self.values) }
            do {
                try workshop.resume(plan, on: VirtualCardChannel(card))
                #expect(step != fatal, "step \(step)")
                #expect(card.image == whole.image, "step \(step)")
            } catch PersonalizationError.spoiled {
                #expect(step == fatal, "step \(step)")
            }
        }
    }

    // MARK: - Not believed

    /// Every bit of every protected answer, flipped in turn; T=0 brings it with GET RESPONSE.
    @Test func everyFlippedBitOfAnAnswerIsRefused() throws {
        let finished = try Finished("transport: direct")
        var bit = 0
        while true {
            let relay = RelayChannel(try VirtualCardChannel(finished.card))
            let target = bit
            var hasFlipped = false
            relay.changeAnswer = { answer in
                guard let last = relay.sent.last, last.cla == 0x04, last.ins == 0xB2, !hasFlipped,
                    target < answer.data.count * 8
                else { return answer }
                hasFlipped = true
                var data = answer.data
                data[target / 8] ^= 1 << (target % 8)
                return ResponseAPDU(data: data, answer.statusWord)
            }
            let result = Result { try finished.read(relay) }
            guard hasFlipped else { break }
            #expect(throws: CardError.channel(.protectionBroken), "bit \(bit)") { try result.get() }
            bit += 1
        }
        // a record of 18 bytes in two blocks of 16, and four bytes of MAC
        #expect(bit == (32 + 4) * 8)
    }

    /// Somebody answers in the card's place: the record in plain, with 9000 or a warning and without a MAC.
    @Test(arguments: [0x9000, 0x6281] as [UInt16], [0, 6, 18])
    func anAnswerWithoutItsMACIsRefused(word: UInt16, count: Int) throws {
        let finished = try Finished()
        func forged(_ card: VirtualCard) throws -> RelayChannel {
            RelayChannel(try VirtualCardChannel(card)) { command in
                guard command.cla == 0x04, command.ins == 0xB2 else { return nil }
                return ResponseAPDU(data: [UInt8](repeating: 0x20, count: count), StatusWord(rawValue: word))
            }
        }
        #expect(throws: CardError.channel(.protectionBroken)) { try finished.read(forged(finished.card)) }
        // and a plan does not take its read-back for done
        let workshop = try finished.factory.workshop()
        defer { workshop.close() }
        let plan = try finished.factory.plan(Self.values)
        let error = #expect(throws: PersonalizationError.self) {
            try workshop.begin(plan, on: forged(finished.factory.blank()), values: Self.values)
        }
        guard case .failed(let step, .channel(.protectionBroken)) = error else {
            return #expect(Bool(false), "\(String(describing: error))")
        }
        #expect(step.purpose.kind == .readBack)
    }

    @Test func aFlippedBitOfACommandIsRefusedByTheCard() throws {
        let factory = try CardFactory(Self.compiled())
        let plan = try factory.plan(Self.values)
        let workshop = try factory.workshop()
        defer { workshop.close() }
        let relay = RelayChannel(try VirtualCardChannel(factory.blank()))
        relay.changeCommand = { command in
            guard command.cla == 0x04, command.ins == 0xDC, var data = Optional(command.data) else { return command }
            data[0] ^= 1
            return (try? CommandAPDU(command.cla, command.ins, command.p1, command.p2, data: data)) ?? command
        }
        let error = #expect(throws: PersonalizationError.self) {
            try workshop.begin(plan, on: relay, values: Self.values)
        }
        guard case .failed(let step, .refused(_, .secureMessagingIncorrect)) = error else {
            return #expect(Bool(false), "\(String(describing: error))")
        }
        #expect(step.purpose.kind == .writeElement)
    }

    // MARK: - Without the key, and with a wrong one

    @Test func aPlaceWithoutTheKeySaysThatTheFileIsProtected() throws {
        let finished = try Finished()
        let read = try finished.read(VirtualCardChannel(finished.card), presentsKeys: false)
        #expect(read["EF05"] == .protected)
        guard case .records? = read["EF06"] else { return #expect(Bool(false), "plain reading is free") }
        // the card itself: rights given, and still no plain reading
        let conversation = try finished.factory.conversation(VirtualCardChannel(finished.card))
        var browser = CardBrowser(conversation, finished.compiled)
        try browser.enter("SSSE")
        try browser.enter("DF0A")
        try browser.verifyPIN(length: 3)
        let plain = try browser.send(CommandAPDU(0x00, 0xB2, 0x01, 0x2C, le: 0x12))
        #expect(plain.statusWord == .secureMessagingMissing)
        // the shell reads it where the key is at hand
        #expect(try browser.content(of: "EF05")["DF0A", "EF05", "libraryReader"]?.text == Self.secret)
        // the dump says the same, in JSON and back
        let readings = try CardReader(
            finished.factory.conversation(VirtualCardChannel(finished.card)), finished.compiled, presentsKeys: false,
            pinLength: 3
        ).read()
        let dump = CardDump(layoutName: "small", answerToReset: [], readings: readings)
        let json = try JSONEncoder().encode(dump)
        #expect(String(decoding: json, as: UTF8.self).contains(#""state":"protected""#))
        #expect(try JSONDecoder().decode(CardDump.self, from: json)["DF0A", "EF05"] == .protected)
    }

    /// Probed without rights, read with them, and told for what it is where there are no keys.
    @Test(arguments: [true, false]) func everyRuleOfTheCardIsFoundAsLaidOut(presentsKeys: Bool) throws {
        let finished = try Finished()
        let verifier = try CardVerifier(
            finished.factory.conversation(VirtualCardChannel(finished.card)), finished.compiled,
            encoder: PersonImageEncoder(layout: finished.compiled.layout), presentsKeys: presentsKeys, pinLength: 3)
        let findings = try verifier.check()
        for finding in findings {
            if case .violated(let faults) = finding.verdict {
                Issue.record("\(finding.directory ?? "") \(finding.file ?? "") \(finding.rule) \(faults)")
            }
        }
        let read = findings.first { $0.directory == "DF0A" && $0.file == "EF05" && $0.rule == .readWithRights }
        #expect(read?.verdict == (presentsKeys ? .ok : .notProbed(.noKeys)))
    }

    /// Three wrong MACs in a row would lock the application: the reader sends one, and another file is not tried with the same key.
    @Test func aKeyThatTheCardDoesNotTakeIsUsedOnce() throws {
        let finished = try Finished()
        let relay = RelayChannel(try VirtualCardChannel(finished.card))
        relay.changeCommand = { command in
            guard command.cla == 0x04, var data = Optional(command.data) else { return command }
            data[data.count - 1] ^= 1
            return
                (try? CommandAPDU(
                    command.cla, command.ins, command.p1, command.p2, data: data, expectedLength: command.expectedLength
                ))
                ?? command
        }
        let read = try finished.read(relay)
        #expect(relay.sent.count { $0.cla == 0x04 } == 1)
        let told = [read["EF05"], read["EF07"]]
        #expect(told.contains(.refused(.secureMessagingIncorrect)) && told.contains(.protected))
    }

    /// One refused MAC a visit: the third visit sends none, for a card that counts what reads would be locked by it.
    @Test func refusedReadingIsCountedFromVisitToVisit() throws {
        let finished = try Finished()
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString).path
        defer { try? FileManager.default.removeItem(atPath: folder) }
        func read(_ channel: any CardChannel) throws -> [FileReading] {
            try channel.reset()
            let context = try finished.factory.conversation(channel).context
            let visit = CardVisit(
                try VisitRecord(in: folder, card: [1]), keySet: AuthenticationTerms.KeySetMark(isDevelopment: true))
            let conversation = CardConversation(
                channel, with: finished.compiled, keys: finished.factory.keys, context: context,
                pin: finished.factory.pin, visit: visit)
            return try CardReader(conversation, finished.compiled, presentsKeys: true, pinLength: 3)
                .read(directories: ["DF0A"])
        }
        func told() throws -> String {
            String(try String(contentsOfFile: folder + "/01.visits", encoding: .utf8).prefix { $0 != "\0" })
        }
        let relay = RelayChannel(try VirtualCardChannel(finished.card)) { command in
            command.cla == 0x04 ? ResponseAPDU(.secureMessagingIncorrect) : nil
        }
        for left in [2, 1] {
            _ = try read(relay)
            #expect(try told().contains("tries STKDF0A/36.00.read@DF0A \(left)\n"))
        }
        #expect(throws: CardError.lastTry("STKDF0A/36.00.read@DF0A")) { try read(relay) }
        #expect(relay.sent.count { $0.cla == 0x04 } == 2)
        // one failure less, and a reading that the card takes gives all of it back
        try told().replacingOccurrences(of: ".read@DF0A 1", with: ".read@DF0A 2")
            .write(toFile: folder + "/01.visits", atomically: true, encoding: .utf8)
        let readings = try read(VirtualCardChannel(finished.card))
        #expect(readings.contains { if case .records = $0.outcome { $0.file == "EF05" } else { false } })
        #expect(try !told().contains("tries"))
    }

    @Test func aChangeIsWrittenAndReadBackUnderProtectionAndTheThirdWrongMACIsNotSent() throws {
        let finished = try Finished()
        let directory = try #require(finished.compiled.directory("DF0A"))
        let file = try #require(directory.file("EF05")?.file)
        let element = try #require(file.element("libraryReader"))
        let records = try PersonImageEncoder(layout: finished.compiled.layout).records("LR2", of: element, in: file)
        let update = ElementUpdate(
            try finished.factory.conversation(VirtualCardChannel(finished.card)), finished.compiled)
        #expect(try update.write(records, to: "EF05", in: directory) == .written(records: 1, isReadBack: true))
        #expect(try update.write(records, to: "EF05", in: directory) == .unchanged)
        let read = try finished.read(VirtualCardChannel(finished.card))
        guard case .records(let found)? = read["EF05"] else { return #expect(Bool(false), "not read") }
        #expect(found.first == [0xED, 0x10] + Array("LR2".utf8) + [UInt8](repeating: 0, count: 13))

        let relay = RelayChannel(try VirtualCardChannel(finished.card))
        relay.changeCommand = { command in
            guard command.cla == 0x04, command.ins == 0xDC, var data = Optional(command.data) else { return command }
            data[data.count - 1] ^= 1
            return (try? CommandAPDU(command.cla, command.ins, command.p1, command.p2, data: data)) ?? command
        }
        let others = try PersonImageEncoder(layout: finished.compiled.layout).records("LR3", of: element, in: file)
        let conversation = try finished.factory.conversation(relay)
        let broken = ElementUpdate(conversation, finished.compiled)
        for _ in 0..<2 {
            let error = #expect(throws: CardError.self) { try broken.write(others, to: "EF05", in: directory) }
            guard case .refused(_, .secureMessagingIncorrect) = error else {
                return #expect(Bool(false), "\(String(describing: error))")
            }
        }
        let last = #expect(throws: CardError.self) { try broken.write(others, to: "EF05", in: directory) }
        guard case .lastTry = last else { return #expect(Bool(false), "\(String(describing: last))") }
        #expect(relay.sent.count { $0.cla == 0x04 && $0.ins == 0xDC } == 2)
        // the application is open still, and a right MAC sets the count back
        #expect(
            try ElementUpdate(
                finished.factory.conversation(VirtualCardChannel(finished.card)), finished.compiled
            ).write(others, to: "EF05", in: directory) == .written(records: 1, isReadBack: true))
    }
}
