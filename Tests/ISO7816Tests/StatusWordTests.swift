import ISO7816
import Testing

@Suite struct StatusWordTests {
    @Test func ofAll65536ExactlyOneIsSuccess() {
        let successes = (UInt16.min...UInt16.max).map(StatusWord.init(rawValue:)).filter(\.isSuccess)
        #expect(successes == [StatusWord(0x90, 0x00)])
    }

    @Test func bothHalvesAreKept() {
        for raw in UInt16.min...UInt16.max {
            let word = StatusWord(rawValue: raw)
            #expect(StatusWord(word.sw1, word.sw2) == word)
        }
        #expect(StatusWord(0x6A, 0x82).description == "6A82")
    }

    // ISO/IEC 7816-4 table 5: 61xx, 6Cxx with 00 = 256; 63Cx counter
    @Test func countersStandOnlyInTheirOwnWords() {
        for raw in UInt16.min...UInt16.max {
            let word = StatusWord(rawValue: raw)
            let low = Int(raw & 0xFF)
            #expect(word.bytesWaiting == (raw >> 8 == 0x61 ? (low == 0 ? 256 : low) : nil))
            #expect(word.correctLength == (raw >> 8 == 0x6C ? (low == 0 ? 256 : low) : nil))
            #expect(word.triesLeft == (raw >> 4 == 0x63C ? low & 0x0F : nil))
        }
    }

    @Test func countersAreWrittenAsTheyAreRead() {
        for count in 1...256 {
            #expect(StatusWord.bytesWaiting(count).bytesWaiting == count)
            #expect(StatusWord.correctLength(count).correctLength == count)
        }
        for tries in 0...15 { #expect(StatusWord.triesLeft(tries).triesLeft == tries) }
        #expect(StatusWord.triesLeft(99).triesLeft == 15)
        #expect(StatusWord.triesLeft(-1).triesLeft == 0)
    }
}
