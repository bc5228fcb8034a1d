import Testing

@testable import SmartCardReader

/// What a reader says that it takes, as drivers answer SCARD_ATTR_MAXINPUT: a number of four bytes, or eight, the least significant first.
@Suite struct ReaderCapacityTests {
    /// The CCID driver answers its longest message less 10 bytes; six more are header, Lc and Le.
    @Test(
        arguments: [
            ([0x05, 0x01, 0x00, 0x00], 255),  // 271 - 10: a whole short command
            ([0x80, 0x00, 0x00, 0x00], 122), ([0x16, 0x00, 0x00, 0x00], 16), ([0x04, 0x01, 0x00, 0x00], 254),
            ([0x80, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00], 122),
        ] as [([UInt8], Int)])
    func aSmallReaderIsPlannedFor(answer: [UInt8], most: Int) {
        #expect(ReaderCapacity.commandData(answer: answer) == most)
    }

    /// Extended lengths are not used here, and what can be no capacity is taken for no answer.
    @Test(
        arguments: [
            [0x0F, 0x00, 0x01, 0x00], [0xFF, 0xFF, 0xFF, 0xFF], [0x00, 0x00, 0x00, 0x00], [0x15, 0x00, 0x00, 0x00], [],
        ] as [[UInt8]])
    func aReaderThatSaysNothingOfUseTakesAWholeCommand(answer: [UInt8]) {
        #expect(ReaderCapacity.commandData(answer: answer) == 255)
    }
}
