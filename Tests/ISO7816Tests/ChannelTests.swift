import ByteText
import ISO7816
import Testing

@Suite struct TransportChannelTests {
    private let select = CommandAPDU(0x00, 0xB0, 0x85, 0x00, le: 0)

    // ISO/IEC 7816-3 §12.2.1: GET RESPONSE with the announced length until the last word is not 61xx
    @Test func fetchesWaitingDataUntilNoneIsLeft() throws {
        let card = try ScriptedChannel([
            ("00B0850000", "6103"), ("00C0000003", "0102036102"), ("00C0000002", "04059000"),
        ])
        let response = try TransportChannel(card).transmit(select)
        #expect(response.bytes.hexadecimal == "01020304059000")
        #expect(card.isFinished)
    }

    @Test func dataThatCameBesideTheAnnouncementIsKept() throws {
        let card = try ScriptedChannel([("00B0850000", "AA6101"), ("00C0000001", "BB6283")])
        #expect(try TransportChannel(card).transmit(select).bytes.hexadecimal == "AABB6283")
    }

    @Test func repeatsOnceWithTheRightLength() throws {
        let card = try ScriptedChannel([("00B0850000", "6C02"), ("00B0850002", "01029000")])
        #expect(try TransportChannel(card).transmit(select).bytes.hexadecimal == "01029000")
        let stubborn = try ScriptedChannel([("00B0850000", "6C02"), ("00B0850002", "6C02")])
        #expect(try TransportChannel(stubborn).transmit(select).statusWord.description == "6C02")
        #expect(stubborn.received.count == 2)
    }

    // VERIFY, EXTERNAL AUTHENTICATE, PIN change, reset and unblock, WRITE KEY, UPDATE, APPEND, block, debit, PUT KEY
    @Test(arguments: [
        "0020000003123456", "008200010811223344556677880A", "805E010007123456FF567890", "8024000100",
        "842400000411223344",
        "80D4010003390102", "00DC012C0101", "00E2002C0101", "00D6850001AA", "8416000004AABBCCDD", "80540100010A",
        "80D80000010A",
    ]) func whatCostsATryOrWritesIsNeverSentTwice(command: String) throws {
        let text = try #require([UInt8](hexadecimal: command))
        for answer in ["6C02", "6C00"] {
            let card = try ScriptedChannel([(command, answer), (command, "9000"), (command + "02", "9000")])
            #expect(try TransportChannel(card).transmit(CommandAPDU(bytes: text)).statusWord.description == answer)
            #expect(card.received.count == 1)
        }
    }

    @Test func sixtyOneAfterAPresentationFetchesAndDoesNotPresentAgain() throws {
        let card = try ScriptedChannel([("0020000003123456", "6102"), ("00C0000002", "01029000")])
        let response = try TransportChannel(card).transmit(
            CommandAPDU(0x00, 0x20, 0x00, 0x00, data: [0x12, 0x34, 0x56]))
        #expect(response.bytes.hexadecimal == "01029000")
        #expect(card.received == ["0020000003123456", "00C0000002"])
    }

    // cos-dialects §6.9: a card may announce 6100 whatever it has, and tells how much when it is asked for 256 bytes
    @Test func getResponseIsRepeatedOnceWithTheRightLength() throws {
        let card = try ScriptedChannel([("00B0850000", "6100"), ("00C0000000", "6C03"), ("00C0000003", "0102039000")])
        #expect(try TransportChannel(card).transmit(select).bytes.hexadecimal == "0102039000")
        #expect(card.isFinished)
        let stubborn = try ScriptedChannel([("00B0850000", "6100"), ("00C0000000", "6C03"), ("00C0000003", "6C03")])
        #expect(try TransportChannel(stubborn).transmit(select).statusWord.description == "6C03")
        #expect(stubborn.isFinished)
    }

    @Test func sixtyOneZeroZeroStandsFor256() throws {
        let data = [UInt8](repeating: 7, count: 256).hexadecimal
        let card = try ScriptedChannel([("00B0850000", "6100"), ("00C0000000", data + "9000")])
        #expect(try TransportChannel(card).transmit(select).data.count == 256)
    }

    @Test func aCardThatPromisesForeverAndGivesNothingIsLeft() throws {
        let card = try ScriptedChannel([("00B0850000", "6105"), ("00C0000005", "6105")])
        #expect(try TransportChannel(card).transmit(select).statusWord.description == "6105")
        #expect(card.isFinished)
    }

    @Test func dataThatNobodyWantsIsLeftOnTheCard() throws {
        let card = try ScriptedChannel([("00B0850000", "6103")])
        #expect(try TransportChannel(card).transmit(select, wantsAnswer: false) == ResponseAPDU(.success))
        #expect(card.isFinished)
        let other = try ScriptedChannel([("00B0850000", "6C02")])
        #expect(try TransportChannel(other).transmit(select, wantsAnswer: false).statusWord.description == "6C02")
        #expect(other.received.count == 1)
    }

    @Test func anAnswerEndsWhereTheLongestDoes() throws {
        let part = [UInt8](repeating: 7, count: 200).hexadecimal
        let long = try ScriptedChannel([
            ("00B0850000", "61C8"), ("00C00000C8", part + "61C8"), ("00C00000C8", part + "61C8"),
        ])
        #expect(throws: CardChannelError.malformedAnswer(402)) {
            try TransportChannel(long, longestAnswer: 256).transmit(select)
        }
        #expect(long.isFinished)
        let crumbs = try ScriptedChannel([
            ("00B0850000", "6101"), ("00C0000001", "076101"), ("00C0000001", "076101"), ("00C0000001", "079000"),
        ])
        #expect(throws: CardChannelError.malformedAnswer(5)) {
            try TransportChannel(crumbs, mostPieces: 2).transmit(select)
        }
        #expect(crumbs.isFinished)
    }

    @Test func otherAnswersAndErrorsPassUnchanged() throws {
        for word in ["9000", "6A82", "63C2", "6283"] {
            #expect(
                try TransportChannel(ScriptedChannel([("00B0850000", word)])).transmit(select).statusWord.description
                    == word)
        }
        #expect(throws: CardChannelError.cardMute) { try TransportChannel(ScriptedChannel([])).transmit(select) }
        let card = try ScriptedChannel([])
        try TransportChannel(card).reset()
        #expect(card.resets == 1)
    }
}

@Suite struct ReadOnlyChannelTests {
    // UPDATE BINARY, PUT KEY, UPDATE RECORD, ERASE, CREATE, PIN CHANGE/UNBLOCK, APPEND, VERIFY-free change, block and purchase
    @Test(
        arguments: [0xD6, 0xDC, 0xD4, 0x0E, 0xE0, 0x24, 0xE2, 0x5E, 0x1E, 0x16, 0x54, 0x50, 0x2C, 0xD2, 0x44] as [UInt8]
    )
    func refusesWhatWritesInEveryClass(instruction: UInt8) throws {
        for cla in [0x00, 0x04, 0x80, 0x84] as [UInt8] {
            let card = try ScriptedChannel([])
            let error = #expect(throws: CardChannelError.self) {
                try ReadOnlyChannel(card).transmit(CommandAPDU(cla, instruction, 0, 0))
            }
            #expect(error == .refused("\(cla.hexadecimal) \(instruction.hexadecimal)"))
            #expect(card.received.isEmpty)
        }
    }

    @Test func letsEightReadingInstructionsThroughAndNoOthers() throws {
        var passed: [UInt8] = []
        for instruction in UInt8.min...UInt8.max {
            let text = "00" + instruction.hexadecimal + "0000"
            let card = try ScriptedChannel([(text, "9000")])
            if (try? ReadOnlyChannel(card).transmit(CommandAPDU(0, instruction, 0, 0))) != nil {
                passed.append(instruction)
            }
        }
        #expect(passed == [0x20, 0x82, 0x84, 0x88, 0xA4, 0xB0, 0xB2, 0xC0])
    }

    @Test func proprietaryClassesAreRefusedEvenForReading() throws {
        for cla in UInt8(0x80)...0xFF {
            let card = try ScriptedChannel([])
            #expect(throws: CardChannelError.self) { try ReadOnlyChannel(card).transmit(CommandAPDU(cla, 0xB0, 0, 0)) }
            #expect(card.received.isEmpty)
        }
    }

    @Test func resetPasses() throws {
        let card = try ScriptedChannel([])
        try ReadOnlyChannel(card).reset()
        #expect(card.resets == 1)
    }
}
