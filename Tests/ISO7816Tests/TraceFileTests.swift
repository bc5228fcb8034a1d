import ByteText
import ISO7816
import Testing

@Suite struct TraceFileTests {
    /// Written by hand after the description of the format in `CardTraceFile`.
    static let text = """
        sscard-trace 1
        card 3B00
        personal-data masked
        # a person may write between the lines

        +0.000112 s  00A40000 3F01  < 9000  89 µs
        +0.000301 s  00B2012C le 18  < ‹18 bytes› 9000  72 µs
        +1.000420 s  00820004 ‹secret›  < 63C4  102 µs
        +1.000700 s  reset  < 3B00 9000  20110 µs
        +1.020900 s  00840000 le 8  < no answer: cardRemoved  15 µs
        +1.030000 s  00D6850000 ‹3 bytes›  < no answer: reader(function: "SCardTransmit", code: -5)  1 µs
        """.replacing("00D6850000", with: "00D68500")

    @Test func aFileIsReadAndWrittenBackTheSame() throws {
        let file = try CardTraceFile(text: Self.text)
        #expect(file.answerToReset.bytes == [0x3B, 0x00])
        #expect(file.lines == [6, 7, 8, 9, 10, 11])
        let first = try #require(file.trace.entries.first)
        #expect(first.offset == 112 && first.duration == 89)
        #expect(
            first.action
                == .command(header: [0x00, 0xA4, 0x00, 0x00], .shown([0x3F, 0x01]), expectedLength: nil))
        #expect(file.trace.entries[1].outcome == .answer(.personal(count: 18), .success))
        #expect(file.trace.entries[5].outcome == .failure(.reader(function: "SCardTransmit", code: -5)))
        let lines = Self.text.split(separator: "\n").filter { !$0.hasPrefix("#") }
        #expect(file.text.split(separator: "\n") == lines)
        #expect(try CardTraceFile(text: file.text).trace == file.trace)
    }

    /// A file that went through another system's editor: the lines are the same, and so are their numbers.
    @Test func linesMayEndWithCarriageReturns() throws {
        let file = try CardTraceFile(text: Self.text.replacing("\n", with: "\r\n"))
        #expect(try file == CardTraceFile(text: Self.text))
        #expect(file.lines == [6, 7, 8, 9, 10, 11])
    }

    @Test(arguments: [
        ("sscard-trace 1", "sscard-trace 2", 1, 1), ("card 3B00", "card 00", 2, 6),
        ("personal-data masked", "personal-data all", 3, 15), ("+0.000112 s", "0.000112 s", 6, 1),
        ("00A40000", "00A400", 6, 14), ("3F01", "3F0", 6, 23), ("9000  89", "900  89", 6, 31),
        ("le 18", "le 257", 7, 26), ("‹18 bytes›", "‹18 byte›", 7, 36), ("  102 µs", "  102 ms", 8, 41),
        ("20110 µs", "20110 µs 1", 9, 43), ("no answer: cardRemoved", "no answer: tired", 10, 42),
    ])
    func whatIsWrongIsToldWithLineAndColumn(good: String, bad: String, line: Int, column: Int) throws {
        let text = Self.text.replacing(good, with: bad, maxReplacements: 1)
        do throws(CardTraceFile.Malformed) {
            _ = try CardTraceFile(text: text)
            Issue.record("\(bad) was read")
        } catch {
            #expect(error.line == line, "\(error)")
            #expect(error.column == column, "\(error)")
        }
    }

    @Test func everyFailureIsReadBackAsItWasWritten() throws {
        let failures: [CardChannelError] = [
            .cardRemoved, .cardWasReset, .cardMute, .readerRemoved, .malformedAnswer(3), .answerNotAuthentic,
            .refused("00D68500"), .protectionBroken, .notProtected("messaging.no-key"),
            .reader(function: "SCardTransmit", code: -5),
        ]
        var trace = CardTrace()
        for (index, failure) in failures.enumerated() {
            trace.record(
                CommandAPDU(0x00, 0x84, 0x00, 0x00, le: 8), .failure(failure), offset: Int64(index), duration: 1)
        }
        let file = CardTraceFile(answerToReset: try AnswerToReset(bytes: [0x3B, 0x00]), trace: trace)
        #expect(try CardTraceFile(text: file.text).trace.entries == trace.entries)
    }

    @Test func severalCardsStandOneBehindTheOther() throws {
        let text = Self.text + "\n" + Self.text.replacing("3B00", with: "3B01AA")
        let cards = try CardTraceFile.cards(in: text)
        #expect(cards.map(\.answerToReset.bytes) == [[0x3B, 0x00], [0x3B, 0x01, 0xAA]])
        let count = Self.text.split(separator: "\n", omittingEmptySubsequences: false).count
        #expect(cards[1].lines == cards[0].lines.map { $0 + count })
        #expect(try CardTraceFile(text: text) == cards[0])
        let wrong = text.replacing("3B01AA\n", with: "3B\n")
        let error = #expect(throws: CardTraceFile.Malformed.self) { try CardTraceFile.cards(in: wrong) }
        #expect(error?.line == count + 2 && error?.column == 6 && error?.expected == .card)
    }

    @Test func garbageIsRefusedAndNeverTraps() {
        var generator = SystemRandomNumberGenerator()
        for round in 0..<20 {
            let bytes = (0..<65_536).map { _ in UInt8.random(in: 0...255, using: &generator) }
            let text =
                (round.isMultiple(of: 2) ? "" : "sscard-trace 1\ncard 3B00\npersonal-data shown\n+")
                + String(decoding: bytes, as: UTF8.self)
            #expect(throws: CardTraceFile.Malformed.self) { try CardTraceFile(text: text) }
        }
        let alphabet = Array("+0.s 9A<‹›leµreset\n")
        for _ in 0..<200 {
            let text = String((0..<300).map { _ in alphabet[Int.random(in: 0..<alphabet.count, using: &generator)] })
            _ = try? CardTraceFile(text: "sscard-trace 1\ncard 3B00\npersonal-data shown\n" + text)
        }
    }

    // MARK: - Replay

    @Test func aReplayAnswersInOrderAndMasksFitAnyDataOfTheirLength() throws {
        let channel = ReplayChannel(try CardTraceFile(text: Self.text))
        #expect(try channel.transmit(CommandAPDU(0x00, 0xA4, 0x00, 0x00, data: [0x3F, 0x01])).statusWord == .success)
        let record = try channel.transmit(CommandAPDU(0x00, 0xB2, 0x01, 0x2C, le: 18))
        #expect(record.data == [UInt8](repeating: 0, count: 18))
        #expect(channel.maskedAnswerCount == 1)
        let answer = try channel.transmit(CommandAPDU(0x00, 0x82, 0x00, 0x04, data: [1, 2, 3, 4, 5]))
        #expect(answer.statusWord.triesLeft == 4)
        try channel.reset()
        #expect(throws: CardChannelError.cardRemoved) {
            try channel.transmit(CommandAPDU(0x00, 0x84, 0x00, 0x00, le: 8))
        }
        #expect(channel.mismatch == nil)
        #expect(throws: CardChannelError.self) {
            try channel.transmit(CommandAPDU(0x00, 0xD6, 0x85, 0x00, data: [1, 2]))
        }
        #expect(channel.mismatch?.line == 11)
    }

    @Test func aCommandOutOfOrderIsToldWithTheLineThatWasNext() throws {
        let channel = ReplayChannel(try CardTraceFile(text: Self.text))
        let command = CommandAPDU(0x00, 0xB2, 0x01, 0x2C, le: 18)
        #expect(throws: CardChannelError.refused("00B2012C")) { try channel.transmit(command) }
        #expect(channel.mismatch?.line == 6)
        #expect(channel.mismatch?.expected == "00A40000 3F01")
        let loose = ReplayChannel(try CardTraceFile(text: Self.text), order: .byCommand)
        for _ in 0..<2 { #expect(try loose.transmit(command).statusWord == .success) }
        #expect(throws: CardChannelError.self) { try loose.transmit(CommandAPDU(0x00, 0xB2, 0x02, 0x2C, le: 18)) }
        #expect(loose.mismatch?.line == nil)
    }
}
