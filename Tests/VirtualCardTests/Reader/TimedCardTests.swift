import ByteText
import Testing
import VirtualCard

/// Expected times by hand: a byte takes 12 bits on the line; turn-round 2 ms; card work as measured on an FM1208 (CostModel of
/// Personalization, personalization.md §6.3 for the formula).
@Suite struct TimedCardTests {
    @Test(arguments: [
        // READ RECORD, 5 bytes there and 22 back: 27 · 12 / 9600 s = 33.75 ms, + 2 + 2.
        ("00B2010414", 22, 9_600, 37_750),
        // The same at 115,200 baud: 2.8125 ms, + 4; below a microsecond is cut.
        ("00B2010414", 22, 115_200, 6_812),
        // EXTERNAL AUTHENTICATE, 13 and 2: 15 · 12 / 9600 = 18.75 ms, + 2 + 37.
        ("00820000080102030405060708", 2, 9_600, 57_750),
        // A key as cipher and MAC, 4 bytes shown: 9 and 2: 13.75 ms, + 2 + 53; in plain it is only stored.
        ("84D4010004AABBCCDD", 2, 9_600, 68_750), ("80D4010004AABBCCDD", 2, 9_600, 31_750),
        // UPDATE RECORD, 6 and 2: 10 ms, + 2 + 16.
        ("00DC010401AA", 2, 9_600, 28_000),
    ])
    func aCommandTakesTurnRoundBytesAndWork(command: String, answer: Int, baud: Int, microseconds: Int) throws {
        let timing = try #require(CardTiming(baudRate: baud))
        let bytes = try #require([UInt8](hexadecimal: command))
        let duration = timing.duration(of: bytes, answer: [UInt8](repeating: 0, count: answer))
        #expect(duration.components.attoseconds / 1_000_000_000_000 == microseconds)
    }

    @Test func aChipOfAnotherMakeWritesFaster() throws {
        let timing = try #require(CardTiming(baudRate: 9_600, memoryWrite: .milliseconds(2)))
        let command: [UInt8] = [0x00, 0xDC, 0x01, 0x04, 0x01, 0xAA]
        #expect(timing.duration(of: command, answer: [0x90, 0x00]) == .milliseconds(14))
        #expect(CardTiming(baudRate: 0) == nil)
        #expect(CardTiming(baudRate: 9_600, memoryWrite: .milliseconds(-1)) == nil)
    }

    @Test func theTimeIsSleptBeforeTheAnswerAndNotWhenTheReaderOnlyLooks() throws {
        let inner = EchoCard()
        var slept: [Duration] = []
        let card = TimedCard(inner, timing: try #require(CardTiming(baudRate: 9_600))) { slept.append($0) }
        card.powerOn()
        card.reset()
        card.idle()
        #expect(card.answerToReset == inner.answerToReset)
        #expect(slept.isEmpty)
        #expect(card.respond(to: [0x00, 0x84, 0x00, 0x00, 0x08]) == [0x90, 0x00])
        #expect(slept == [.microseconds(12_750)])
        card.powerOff()
        #expect(inner.calls == ["on", "reset", "idle", "command", "off"])
    }
}

/// Answers 9000 and notes what happens to it.
private final class EchoCard: VirtualReaderCard {
    let answerToReset: [UInt8] = [0x3B, 0x80, 0x01, 0x81]
    var calls: [String] = []
    func powerOn() { calls.append("on") }
    func powerOff() { calls.append("off") }
    func reset() { calls.append("reset") }
    func idle() { calls.append("idle") }
    func respond(to command: [UInt8]) -> [UInt8] {
        calls.append("command")
        return [0x90, 0x00]
    }
}
