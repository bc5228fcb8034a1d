import ByteText
import ISO7816
import Testing

@Suite struct AnswerToResetTests {
    /// TS 3B, T0 6D: TB1 and TC1 follow, 13 historical bytes, as contact social security cards answer (ISO/IEC 7816-3 §8.2).
    private static let typical = "3B6D000000814380018653670400990101"

    @Test func findsTheThirteenHistoricalBytes() throws {
        let answer = try AnswerToReset(bytes: try #require([UInt8](hexadecimal: Self.typical)))
        #expect(answer.historicalBytes.hexadecimal == "00814380018653670400990101")
        #expect(answer.speed == nil)
        #expect(answer.description == Self.typical)
    }

    // 3B 9F 95 81 31 FE …: TA1 95, TD1 81 (T=1), TD2 31, TA3 FE, TB3 …; the ATR of a published USIM-like card is built the same way
    @Test func followsTheChainOfInterfaceBytes() throws {
        let answer = try AnswerToReset(
            bytes: try #require([UInt8](hexadecimal: "3B9395" + "8131FE45" + "AABBCC" + "00")))
        #expect(answer.speed == 0x95)
        #expect(answer.historicalBytes == [0xAA, 0xBB, 0xCC])
    }

    @Test func everyTruncationIsRefused() throws {
        let whole = try #require([UInt8](hexadecimal: Self.typical))
        for count in 0..<whole.count {
            #expect(throws: AnswerToReset.Malformed.self) { try AnswerToReset(bytes: Array(whole[..<count])) }
        }
        #expect(throws: AnswerToReset.Malformed.truncated(4)) { try AnswerToReset(bytes: Array(whole[..<10])) }
        // TD1 promises more and nothing follows
        #expect(throws: AnswerToReset.Malformed.truncated(3)) { try AnswerToReset(bytes: [0x3B, 0x80, 0x80]) }
    }

    @Test func otherStartsAndLengthsAreRefused() {
        #expect(throws: AnswerToReset.Malformed.initialCharacter(0x3C)) { try AnswerToReset(bytes: [0x3C, 0x00]) }
        #expect(throws: AnswerToReset.Malformed.length(1)) { try AnswerToReset(bytes: [0x3B]) }
        #expect(throws: AnswerToReset.Malformed.length(34)) {
            try AnswerToReset(bytes: [0x3B] + [UInt8](repeating: 0, count: 33))
        }
        #expect(throws: Never.self) { try AnswerToReset(bytes: [0x3F, 0x00]) }
    }

    @Test func anEndlessChainEnds() {
        let chain = [0x3B] + [UInt8](repeating: 0x80, count: 32)
        #expect(throws: AnswerToReset.Malformed.truncated(33)) { try AnswerToReset(bytes: chain) }
    }

    @Test func randomBytesDoNoHarm() {
        var generator = SystemRandomNumberGenerator()
        for _ in 0..<5000 {
            let count = Int.random(in: 0...40, using: &generator)
            let bytes = [0x3B] + (0..<count).map { _ in UInt8.random(in: 0...255, using: &generator) }
            if let answer = try? AnswerToReset(bytes: bytes) {
                #expect(answer.historicalBytes.count == Int(bytes[1] & 0x0F), "\(bytes.hexadecimal)")
            }
        }
    }
}
