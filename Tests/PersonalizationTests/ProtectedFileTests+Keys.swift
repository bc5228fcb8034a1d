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

/// Protected files in a place without the line key, and in one whose line key the card does not take.
extension ProtectedFileTests {
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
