import ByteText
import CardApplication
import CardCryptography
import CardLayout
import ISO7816
import IssuerKeys
import Testing
import VirtualCard

/// What the virtual card refuses, and what the channel refuses of what comes back from it.
@Suite struct GlobalPlatformCardTests {
    private static func site(_ channel: String) throws -> GlobalPlatformSite {
        try GlobalPlatformSite(GlobalPlatformPlanTests.settings(channel))
    }

    private static let protecting = GlobalPlatformPlanTests.channels.filter { !$0.hasSuffix("level: 00") }

    private func installCommand(_ site: GlobalPlatformSite) throws -> CommandAPDU {
        let application = try #require(site.profile.applications.first)
        return try GlobalPlatformCommands.installAndMakeSelectable(
            loadFile: application.loadFile, module: application.module, instance: Array("99instance".utf8),
            privileges: application.privileges, parameters: application.parameters)
    }

    @Test(arguments: protecting)
    func eachFlippedBitOfAProtectedCommandIsRefusedAndChangesNothing(channel: String) throws {
        let site = try Self.site(channel)
        let command = try installCommand(site)
        let length = try protectedLength(site, command)
        // all but the length byte, without which the bytes are no command
        for bit in 0..<length * 8 where !(32..<40).contains(bit) {
            let connection = try site.connection()
            let secured = try site.open(connection)
            connection.changeCommand = { sent in
                var bytes = sent.bytes
                bytes[bit / 8] ^= 1 << UInt8(bit % 8)
                return (try? CommandAPDU(bytes: bytes)) ?? sent
            }
            let before = site.card.fingerprint
            let answer = try? secured.transmit(command)
            #expect(answer?.statusWord.isSuccess != true, "bit \(bit)")
            #expect(site.card.fingerprint == before, "bit \(bit)")
        }
    }

    /// The bytes of the command under protection, without Le.
    private func protectedLength(_ site: GlobalPlatformSite, _ command: CommandAPDU) throws -> Int {
        let connection = try site.connection()
        let secured = try site.open(connection)
        connection.changeCommand = { _ in CommandAPDU(0x80, 0xFF, 0x00, 0x00) }
        _ = try? secured.transmit(command)
        return 5 + (try #require(connection.sent.last)).data.count
    }

    @Test(arguments: protecting)
    func aStrippedMACAPlainCommandAndAReplayAreRefused(channel: String) throws {
        let site = try Self.site(channel)
        let command = try installCommand(site)
        let before = site.card.fingerprint
        for change: (CommandAPDU) -> [UInt8] in [
            { Array($0.data.dropLast(site.profile.channelProtocol.macLength)) }, { _ in command.data }, { _ in [] },
        ] {
            let connection = try site.connection()
            let secured = try site.open(connection)
            let opened = site.card.fingerprint
            connection.changeCommand = { sent in
                (try? CommandAPDU(sent.cla, sent.ins, sent.p1, sent.p2, data: change(sent))) ?? sent
            }
            let answer = try secured.transmit(command)
            #expect(answer.statusWord == .securityStatusNotSatisfied)
            // and the channel is gone on the card
            connection.changeCommand = { $0 }
            #expect(try secured.transmit(command).statusWord == .conditionsNotSatisfied)
            #expect(site.card.fingerprint == opened)
        }
        #expect(before != site.card.fingerprint, "the sequence counter has moved")

        let connection = try site.connection()
        let secured = try site.open(connection)
        let delete = try GlobalPlatformCommands.delete(Array("nothing".utf8))
        #expect(try secured.transmit(delete).statusWord == .referencedDataNotFound)
        let recorded = try #require(connection.sent.last)
        #expect(try connection.transmit(recorded).statusWord == .securityStatusNotSatisfied)
    }

    private static let answering = GlobalPlatformPlanTests.channels.filter {
        $0.hasSuffix("11") || $0.hasSuffix("13") || $0.hasSuffix("33")
    }

    @Test(arguments: answering)
    func eachFlippedBitOfAProtectedAnswerOfTheCardIsRefused(channel: String) throws {
        let site = try Self.site(channel)
        let count = 2 + (try answerLength(site))
        for bit in 0..<count * 8 {
            let connection = try site.connection()
            let secured = try site.open(connection)
            connection.changeAnswer = { answer in
                var bytes = answer.bytes
                bytes[bit / 8] ^= 1 << UInt8(bit % 8)
                return (try? ResponseAPDU(bytes: bytes)) ?? answer
            }
            #expect(throws: CardChannelError.answerNotAuthentic, "bit \(bit)") {
                try secured.transmit(GlobalPlatformCommands.getData(.keyInformation))
            }
        }
    }

    private func answerLength(_ site: GlobalPlatformSite) throws -> Int {
        let connection = try site.connection()
        let secured = try site.open(connection)
        let answer = try secured.transmit(GlobalPlatformCommands.getData(.keyInformation))
        // E0, three keys of version 20 in templates C0
        #expect(answer.data.count == 20)
        return try #require(connection.answers.last).data.count
    }

    @Test(arguments: GlobalPlatformPlanTests.channels)
    func theSequenceCounterMovesWithEveryChannelAndAReplayedAuthenticationIsRefused(channel: String) throws {
        let site = try Self.site(channel)
        let connection = try site.connection()
        let before = site.card.sequenceCounter
        _ = try site.open(connection)
        #expect(site.card.sequenceCounter == before + 1)
        let recorded = Array(connection.sent.suffix(2))
        #expect(try connection.transmit(recorded[1]).statusWord == .conditionsNotSatisfied)
        let again = try connection.transmit(recorded[0])
        #expect(again.statusWord.isSuccess)
        #expect(try connection.transmit(recorded[1]).statusWord == StatusWord(rawValue: 0x6300))
    }

    @Test func withoutASecureChannelNothingIsChanged() throws {
        let site = try GlobalPlatformSite()
        let connection = try site.connection()
        let before = site.card.fingerprint
        let commands = [
            try installCommand(site), try GlobalPlatformCommands.delete(Array("nothing".utf8)),
            try GlobalPlatformCommands.setStatus(.card, 0x07),
            try GlobalPlatformCommands.storeData(p1: 0x80, number: 0, [0x01, 0x01, 0x00]),
            try GlobalPlatformCommands.getStatus(.card),
        ]
        for command in commands {
            #expect(try connection.transmit(command).statusWord == .conditionsNotSatisfied)
        }
        #expect(site.card.fingerprint == before)
    }

    @Test func theSecurityDomainSaysWhatItIs() throws {
        let site = try GlobalPlatformSite()
        let connection = try site.connection()
        for object in GlobalPlatformCommands.DataObject.allCases {
            #expect(try connection.transmit(GlobalPlatformCommands.getData(object)).statusWord.isSuccess, "\(object)")
        }
        let secured = try site.open(connection)
        #expect(try secured.transmit(installCommand(site)).data == [0x00])
        let applications = try secured.transmit(GlobalPlatformCommands.getStatus(.applications))
        #expect(applications.data.hexadecimal == "E3134F0A3939696E7374616E63659F700107C50100")
        let file = Array("99loadfile".utf8)
        let announce = try GlobalPlatformCommands.installForLoad(
            loadFile: file, securityDomain: site.profile.securityDomain)
        #expect(try secured.transmit(announce).statusWord.isSuccess)
        for block in try GlobalPlatformCommands.load(
            [UInt8](repeating: 0xAA, count: 600), blockLength: secured.largestCommandData)
        {
            #expect(try secured.transmit(block).statusWord.isSuccess)
        }
        #expect(try secured.transmit(GlobalPlatformCommands.delete(file)).statusWord.isSuccess)
    }

    /// More applications than one answer holds are told in as many as it takes (GlobalPlatform Card Specification 2.3.1 §11.4.3.2).
    @Test func aLongStatusComesInParts() throws {
        let site = try GlobalPlatformSite()
        let secured = try site.open(try site.connection())
        let application = try #require(site.profile.applications.first)
        let names = (10..<30).map { Array("99application-\($0)".utf8) }
        for name in names {
            let command = try GlobalPlatformCommands.installAndMakeSelectable(
                loadFile: application.loadFile, module: application.module, instance: name,
                privileges: application.privileges, parameters: application.parameters)
            #expect(try secured.transmit(command).statusWord.isSuccess)
        }
        var found: [UInt8] = []
        var answer = try secured.transmit(GlobalPlatformCommands.getStatus(.applications))
        var count = 1
        while answer.statusWord.rawValue == 0x6310, count < 9 {
            #expect(answer.data.count <= 256)
            found += answer.data
            answer = try secured.transmit(GlobalPlatformCommands.getStatus(.applications, next: true))
            count += 1
        }
        #expect(answer.statusWord.isSuccess)
        found += answer.data
        #expect(count > 2)
        let expected = names.map { "E319" + "4F10" + $0.hexadecimal + "9F700107" + "C50100" }.joined()
        #expect(found.hexadecimal == expected)
        let none = try secured.transmit(GlobalPlatformCommands.getStatus(.applications, next: true))
        #expect(none.statusWord == .referencedDataNotFound)
    }

    @Test func storeDataInTheWrongOrderOrAfterTheLastBlockIsRefused() throws {
        let site = try GlobalPlatformSite()
        let name = Array("99instance".utf8)
        let connection = try site.connection()
        _ = try site.open(connection)
            .transmit(installCommand(site))
        _ = try connection.transmit(GlobalPlatformCommands.select(name))
        let early = try connection.transmit(CommandAPDU(0x00, 0xB2, 0x01, 0x0C, le: 0))
        #expect(early.statusWord == .conditionsNotSatisfied)
        let secured = try site.open(connection)
        func store(_ p1: UInt8, _ number: Int, _ text: String) throws -> StatusWord {
            let data = try #require([UInt8](hexadecimal: text))
            return try secured.transmit(GlobalPlatformCommands.storeData(p1: p1, number: number, data)).statusWord
        }
        #expect(try store(0x00, 1, "010103070101") == .wrongData)
        #expect(try store(0x00, 0, "0101040701") == .wrongData)
        #expect(try store(0x00, 0, "010103070101") == .success)
        #expect(try store(0x00, 1, "010103070101") == .wrongData)
        // a key grouping after a record, where the profile says that keys come first
        #expect(try store(0x60, 1, "800008" + String(repeating: "00", count: 8)) == .conditionsNotSatisfied)
        #expect(try store(0x80, 1, "010203070102") == .success)
        #expect(try store(0x00, 2, "010303070103") == .conditionsNotSatisfied)
    }
}
