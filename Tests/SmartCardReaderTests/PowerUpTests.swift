import CPCSC
import Testing

@testable import SmartCardReader

/// A card that does not power on at once, played by a double: vpcd's cards always answer.
@Suite struct PowerUpTests {
    private static let mute = [SCARD_W_UNRESPONSIVE_CARD, SCARD_W_UNPOWERED_CARD]

    /// Answers with each code in turn, the last one for ever; counts how often it was asked, and the waits between.
    private final class Contacts {
        private var codes: [Int]
        private(set) var powered = 0
        private(set) var waits = 0

        init(_ codes: [Int]) { self.codes = codes }

        func power() throws(PCSCFailure) -> Int {
            try PowerUp.retried(settle: { waits += 1 }) { () throws(PCSCFailure) in
                powered += 1
                try check(codes.count > 1 ? codes.removeFirst() : codes[0], "SCardConnect")
                return powered
            }
        }
    }

    @Test(arguments: mute) func aCardThatAnswersAtALaterPowerUpIsTaken(code: Int) throws {
        for silent in 0..<PowerUp.attempts {
            let contacts = Contacts([Int](repeating: code, count: silent) + [SCARD_S_SUCCESS])
            #expect(try contacts.power() == silent + 1)
            #expect(contacts.waits == silent)
        }
    }

    @Test(arguments: mute) func aCardThatStaysMuteIsToldAfterThreePowerUps(code: Int) throws {
        let contacts = Contacts([code])
        let failure = #expect(throws: PCSCFailure.self) { try contacts.power() }
        #expect(failure?.code == code)
        #expect(contacts.powered == 3 && contacts.waits == 2)
        let reader = try #require(ReaderName(rawValue: "Reader 00 00"))
        #expect(failure?.readerError(reader) == .cardMute(reader))
    }

    @Test(arguments: [SCARD_E_NO_SMARTCARD, SCARD_E_SHARING_VIOLATION, SCARD_W_REMOVED_CARD, SCARD_E_NO_SERVICE])
    func whatIsNoMuteCardIsToldAtOnce(code: Int) throws {
        let contacts = Contacts([code])
        let failure = #expect(throws: PCSCFailure.self) { try contacts.power() }
        #expect(failure?.code == code)
        #expect(contacts.powered == 1 && contacts.waits == 0)
    }
}
