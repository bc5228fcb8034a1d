import CardApplication
import Foundation
import ISO7816
import Testing

/// Several records of one card, in one program or in two, are one count.
extension VisitTests {
    @Test func whatAnotherRecordSpentIsSpentHereToo() throws {
        let earlier = try ScriptedChannel(["9000"])
        let first = try visit(earlier)
        for left in [5, 4, 3, 2, 1] {
            #expect(throws: CardError.wrongPIN(triesLeft: left)) {
                try visit(ScriptedChannel(["63C\(left)"])).perform(pin)
            }
        }
        let typed = try CommandAPDU(0x00, 0x20, 0x00, 0x00, data: [0x11, 0x11, 0x11])
        #expect(throws: CardError.lastTry("PIN/00")) { try first.perform(.fixed(typed)) }
        #expect(earlier.received.isEmpty)
        #expect(written.contains("tries PIN/00 1\n"))
    }

    @Test func whatOneRecordWritesLeavesWhatTheOtherWrote() throws {
        let later = try ScriptedChannel(["11223344556677889000", "9000"])
        let first = try visit(later)
        #expect(throws: CardError.wrongPIN(triesLeft: 2)) { try visit(ScriptedChannel(["63C2"])).perform(pin) }
        // the right key: its terms and the digest of its challenge are written now
        try first.perform(challenge)
        try first.perform(plain)
        #expect(written.contains("tries PIN/00 2\n"))
        #expect(written.contains("terms UKSSSE"))
        #expect(written.contains("challenge "))
        // and the other way round
        try authenticate("63C3")
        #expect(written.contains("terms UKSSSE"))
        #expect(written.contains("tries UKSSSE/04 3\n"))
    }

    @Test func aRecordThatWasDamagedMeanwhileIsNotWrittenOver() throws {
        let first = try visit(ScriptedChannel(["9000"]))
        #expect(throws: CardError.wrongPIN(triesLeft: 2)) { try visit(ScriptedChannel(["63C2"])).perform(pin) }
        let path = folder + "/990100000001.visits"
        try "garbage".write(toFile: path, atomically: false, encoding: .utf8)
        #expect(throws: CardError.visits(.damaged(path))) { try first.perform(pin) }
        #expect(written == "garbage")
    }
}
