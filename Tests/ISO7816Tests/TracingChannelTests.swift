import ByteText
import ISO7816
import Testing

@Suite struct TracingChannelTests {
    /// Bytes that occur nowhere else, to be searched for in the rendered trace.
    static let planted: [UInt8] = [0xDE, 0xAD, 0xBE, 0xEF, 0xCA, 0xFE]
    static let answered: [UInt8] = [0xFA, 0xCE, 0xFE, 0xED]

    private func traced(
        _ headers: [[UInt8]], personalData: CardTrace.PersonalData = .masked
    ) throws -> CardTrace {
        let card = try AnsweringCard(data: Self.answered)
        let channel = TracingChannel(card, personalData: personalData)
        for header in headers {
            let command = try CommandAPDU(
                header[0], header[1], header[2], header[3], data: Self.planted, expectedLength: 256)
            let answer = try channel.transmit(command)
            #expect(answer.data == Self.answered)
        }
        return channel.trace
    }

    // Instructions: card.md's APDU table (VERIFY 20, PIN change 80 5E, PIN reload 84 24, WRITE KEY D4, EXTERNAL
    // AUTHENTICATE 82), PIN unblock 2C, and one that no table knows.
    @Test(
        arguments: [
            [0x00, 0x20, 0x00, 0x00], [0x80, 0x5E, 0x01, 0x00], [0x84, 0x24, 0x00, 0x01], [0x80, 0xD4, 0x01, 0x04],
            [0x84, 0xD4, 0x01, 0x04], [0x00, 0x82, 0x00, 0x04], [0x04, 0x20, 0x00, 0x00], [0x80, 0x2C, 0x00, 0x00],
            [0xBF, 0xDE, 0x48, 0x09], [0x80, 0x99, 0x00, 0x00],
            [0x80, 0xE0, 0x03, 0x00],
            // STORE DATA: data is enciphered where either bit of P1 says so (GlobalPlatform Card Specification 2.3.1 §11.11.2.1)
            [0x80, 0xE2, 0x20, 0x00], [0x84, 0xE2, 0x40, 0x01], [0x80, 0xE2, 0x60, 0x02], [0x84, 0xE2, 0xA0, 0x03],
        ] as [[UInt8]])
    func secretsNeverReachTheTraceEvenWhenPersonalDataIsShown(header: [UInt8]) throws {
        for personalData in [CardTrace.PersonalData.masked, .shown] {
            let trace = try traced([header], personalData: personalData)
            for secret in [Self.planted, Self.answered] {
                #expect(!trace.description.contains(secret.hexadecimal))
                #expect(!decimalDigits(everythingIn: trace).contains(secret.map(String.init).joined()))
            }
            #expect(trace.description.contains(header.hexadecimal))
            #expect(!trace.description.contains("6 bytes"), "the length of a PIN is a part of it")
        }
    }

    /// Groupings 8xxx are keys and PINs (cos-dialects §10.3), whatever P1 says and wherever they stand.
    @Test(arguments: ["8000", "0201020AA1800F", "0101FF0001AA9010010380AA"])
    func groupingsOfKeysNeverReachTheTrace(before: String) throws {
        let data = try #require([UInt8](hexadecimal: "\(before)06\(Self.planted.hexadecimal)"))
        for (cla, p1, p2) in [(0x80, 0x00, 0x00), (0x84, 0x80, 0x01)] as [(UInt8, UInt8, UInt8)] {
            let command = try CommandAPDU(cla, 0xE2, p1, p2, data: data)
            let channel = TracingChannel(try AnsweringCard(data: []), personalData: .shown)
            _ = try channel.transmit(command)
            #expect(!channel.trace.description.contains(Self.planted.hexadecimal), "\(cla) \(before)")
        }
    }

    @Test func recordsOfStoreDataAreShownWhereTheyMayBe() throws {
        let command = try CommandAPDU(0x80, 0xE2, 0x00, 0x00, data: [0x01, 0x01, 0x06] + Self.planted)
        for isShown in [true, false] {
            let channel = TracingChannel(
                try AnsweringCard(data: []), personalData: isShown ? .shown : .masked)
            _ = try channel.transmit(command)
            #expect(channel.trace.description.contains(Self.planted.hexadecimal) == isShown)
        }
    }

    @Test(
        arguments: [
            [0x00, 0xB0, 0x00, 0x00], [0x00, 0xB2, 0x01, 0x2C], [0x00, 0xD6, 0x00, 0x00], [0x00, 0xDC, 0x01, 0x2C],
            [0x04, 0xDC, 0x01, 0x2C], [0x00, 0xE2, 0x00, 0x2C],
        ] as [[UInt8]])
    func contentsOfFilesAreMaskedUnlessShown(header: [UInt8]) throws {
        let masked = try traced([header]).description
        #expect(!masked.contains(Self.planted.hexadecimal))
        #expect(!masked.contains(Self.answered.hexadecimal))
        #expect(masked.contains("‹6 bytes›"))
        #expect(masked.contains("‹4 bytes› 9000"))
        let shown = try traced([header], personalData: .shown).description
        #expect(shown.contains(Self.planted.hexadecimal))
        #expect(shown.contains(Self.answered.hexadecimal))
    }

    @Test func dataFetchedByGetResponseIsTreatedAsTheCommandItBelongsTo() throws {
        let afterRead = try traced([[0x00, 0xB2, 0x01, 0x2C], [0x00, 0xC0, 0x00, 0x00]])
        #expect(!afterRead.description.contains(Self.answered.hexadecimal))
        let afterSelect = try traced([[0x00, 0xA4, 0x04, 0x00], [0x00, 0xC0, 0x00, 0x00], [0x00, 0xC0, 0x00, 0x00]])
        #expect(afterSelect.description.split(separator: "\n").allSatisfy { $0.contains(Self.answered.hexadecimal) })
    }

    @Test func oneLineHoldsTimeCommandAnswerAndDuration() throws {
        let start = ContinuousClock.now
        var instants = [0, 1_500_204, 1_500_293].map { start.advanced(by: .microseconds($0)) }
        let channel = TracingChannel(try AnsweringCard(data: Self.answered)) { instants.removeFirst() }
        _ = try channel.transmit(CommandAPDU(0x00, 0x84, 0x00, 0x00, le: 0x04))
        #expect(channel.trace.description == "+1.500204 s  00840000 le 4  < FACEFEED 9000  89 µs\n")
    }

    /// Whoever keeps what he is told of has the whole trace at every moment, should the program be killed in the next.
    @Test func eachExchangeIsToldAsSoonAsItWasMade() throws {
        let card = try AnsweringCard(data: [])
        let told = Told()
        let channel = TracingChannel(card, onEntry: { told.text += "\($0)\n" })
        told.text = channel.file.heading
        _ = try channel.transmit(CommandAPDU(0x00, 0x84, 0x00, 0x00))
        #expect(told.text == channel.file.text)
        try channel.reset()
        #expect(told.text == channel.file.text)
        card.failure = .cardRemoved
        #expect(throws: CardChannelError.cardRemoved) { try channel.transmit(CommandAPDU(0x00, 0x84, 0x00, 0x00)) }
        #expect(throws: CardChannelError.cardRemoved) { try channel.reset() }
        #expect(told.text == channel.file.text)
        #expect(channel.trace.entries.count == 4)
    }

    private final class Told {
        var text = ""
    }

    @Test func lostAnswersAndResetsAreRecorded() throws {
        let card = try AnsweringCard(data: [])
        let channel = TracingChannel(card)
        try channel.reset()
        card.failure = .cardRemoved
        #expect(throws: CardChannelError.cardRemoved) { try channel.transmit(CommandAPDU(0x00, 0x84, 0x00, 0x00)) }
        #expect(throws: CardChannelError.cardRemoved) { try channel.reset() }
        #expect(
            channel.trace.entries.map(\.outcome) == [
                .answer(.shown([0x3B, 0x00]), .success), .failure(.cardRemoved), .failure(.cardRemoved),
            ])
    }

    /// All digits of a dump of everything the value stores, so that bytes stand side by side.
    private func decimalDigits(everythingIn trace: CardTrace) -> String {
        var text = ""
        dump(trace.entries, to: &text)
        return text.split(separator: "\n").map { $0.filter(\.isNumber) }.joined()
    }

    @Test func theSearchFindsWhatIsShown() throws {
        let trace = try traced([[0x00, 0xB0, 0x00, 0x00]], personalData: .shown)
        #expect(decimalDigits(everythingIn: trace).contains(Self.planted.map(String.init).joined()))
    }
}

/// Answers every command with the same data and 9000.
private final class AnsweringCard: CardChannel {
    let data: [UInt8]
    var failure: CardChannelError?
    let answerToReset: AnswerToReset
    let largestCommandData = 255

    init(data: [UInt8]) throws {
        self.data = data
        answerToReset = try AnswerToReset(bytes: [0x3B, 0x00])
    }

    func transmit(_ command: CommandAPDU) throws(CardChannelError) -> ResponseAPDU {
        if let failure { throw failure }
        return ResponseAPDU(data: data, .success)
    }

    func reset() throws(CardChannelError) {
        if let failure { throw failure }
    }
}
