import CardApplication
import CardData
import CardLayout
import ISO7816
import Personalization
import Testing
import VirtualCard

/// A card that does not open records whose rule is met: 6982 to READ RECORD of SSSE/EF06, or of one record of SSSE/EF05.
@Suite struct ShutRecordsTests {
    typealias Finished = CardInspectionTests.Finished

    /// The card, as long as the environment is selected, refusing some of its commands.
    private func channel(
        _ finished: Finished, refusing isShut: @escaping (CommandAPDU) -> Bool
    ) throws -> RelayChannel {
        var isInEnvironment = false
        let name = finished.factory.compiled.layout.directories[0].dedicatedFileName
        let channel = try RelayChannel(VirtualCardChannel(finished.card)) { command in
            if command.ins == 0xA4 { isInEnvironment = command.data == name }
            return isInEnvironment && isShut(command) ? ResponseAPDU(.securityStatusNotSatisfied) : nil
        }
        try channel.reset()
        return channel
    }

    private func outcome(_ channel: RelayChannel, _ finished: Finished, _ file: String, withKeys: Bool = true) throws
        -> FileReading.Outcome?
    {
        try CardReader(
            finished.factory.conversation(channel), finished.factory.compiled, presentsKeys: withKeys
        ).read(directories: ["SSSE"]).first { $0.file == file }?.outcome
    }

    private func violated(_ channel: RelayChannel, _ finished: Finished) throws -> [[String?]] {
        let compiled = finished.factory.compiled
        return try CardVerifier(
            finished.factory.conversation(ReadOnlyChannel(channel)), compiled,
            encoder: PersonImageEncoder(layout: compiled.layout), presentsKeys: true, pinLength: 3
        ).check().flatMap { finding -> [[String?]] in
            guard case .violated(let faults) = finding.verdict else { return [] }
            return faults.map { [finding.rule.rawValue, finding.file, $0.code.rawValue] }
        }
    }

    @Test func aFileOfWhichNoRecordWasReadIsRefused() throws {
        let finished = try Finished()
        let channel = try channel(finished) { $0.ins == 0xB2 && $0.p2 >> 3 == 0x06 }
        #expect(try outcome(channel, finished, "EF06") == .refused(.securityStatusNotSatisfied))
        #expect(
            try violated(channel, finished) == [
                ["read-without-rights", "EF06", "card-verify.closed"],
                ["read-with-rights", "EF06", "card.file-refused"],
            ])
    }

    /// Record 2 of EF05 is the class of the card, which everybody may read.
    @Test func aRecordThatIsShutAgainstTheRuleIsNoEmptyOne() throws {
        let finished = try Finished()
        let channel = try channel(finished) { $0.ins == 0xB2 && $0.p2 >> 3 == 0x05 && $0.p1 == 2 }
        #expect(
            try violated(channel, finished) == [
                ["read-with-rights", "EF05", "card-verify.records-shut"],
                ["lengths", "EF05", "card-verify.record-length"],
            ])
    }

    /// Version 3.0 keeps the card number, record 7 of EF05, behind a right of its own.
    @Test func aRecordBehindARightOfItsOwnMayStayShut() throws {
        let finished = try Finished("national-3.0")
        let channel = try channel(finished) { _ in false }
        guard case .records(let records) = try outcome(channel, finished, "EF05", withKeys: false) else {
            Issue.record("EF05 was not read")
            return
        }
        #expect(records.map(\.isEmpty) == [false, false, false, false, false, false, true])
        #expect(try violated(channel, finished).isEmpty)
    }

    /// The card says yes and shows nothing; the till calls it senseless, and so does whoever reads it.
    @Test(arguments: [true, false]) func aCardThatAgreesToEverythingIsNotRead(withKeys: Bool) throws {
        let finished = try Finished()
        let channel = try RelayChannel(VirtualCardChannel(finished.card)) { _ in ResponseAPDU(.success) }
        #expect(throws: CardError.senseless) { try outcome(channel, finished, "EF05", withKeys: withKeys) }
    }

    /// The card opens the directory for the probe, or for the reading before it, and not again.
    @Test func aFileOfADirectoryThatDoesNotOpenAgainIsTold() throws {
        let finished = try Finished()
        let name = try #require(
            finished.factory.compiled.directory("DF03")?.directory.flatMap(
                finished.factory.compiled.profile.selectionName))
        func channel(opening count: Int, then answer: StatusWord) throws -> RelayChannel {
            var selections = 0
            let channel = try RelayChannel(VirtualCardChannel(finished.card)) { command in
                guard command.ins == 0xA4, command.data == name else { return nil }
                selections += 1
                return selections > count ? ResponseAPDU(answer) : nil
            }
            try channel.reset()
            return channel
        }
        // Probed once, and gone then.
        let gone = try violated(channel(opening: 1, then: .fileNotFound), finished)
        let files = try #require(finished.factory.compiled.directory("DF03")).files.filter { $0.file != nil }
        #expect(gone == files.map { ["read-with-rights", $0.name, "card-verify.not-read"] })
        let shut = try violated(channel(opening: 1, then: .conditionsNotSatisfied), finished)
        #expect(shut == files.map { ["read-with-rights", $0.name, "card.file-refused"] })
    }
}
