import ByteText
import CardApplication
import CardCryptography
import CardData
import CardLayout
import Foundation
import ISO7816
import IssuerKeys
import Personalization
import Testing
import VirtualCard

/// Somebody stands between card and program: nothing that was changed is believed.
extension ProtectedFileTests {
    /// Every bit of every protected answer, flipped in turn; T=0 brings it with GET RESPONSE.
    @Test func everyFlippedBitOfAnAnswerIsRefused() throws {
        let finished = try Finished("transport: direct")
        var bit = 0
        while true {
            let relay = RelayChannel(try VirtualCardChannel(finished.card))
            let target = bit
            var hasFlipped = false
            relay.changeAnswer = { answer in
                guard let last = relay.sent.last, last.cla == 0x04, last.ins == 0xB2, !hasFlipped,
                    target < answer.data.count * 8
                else { return answer }
                hasFlipped = true
                var data = answer.data
                data[target / 8] ^= 1 << (target % 8)
                return ResponseAPDU(data: data, answer.statusWord)
            }
            let result = Result { try finished.read(relay) }
            guard hasFlipped else { break }
            #expect(throws: CardError.channel(.protectionBroken), "bit \(bit)") { try result.get() }
            bit += 1
        }
        // a record of 18 bytes in two blocks of 16, and four bytes of MAC
        #expect(bit == (32 + 4) * 8)
    }

    /// Somebody answers in the card's place: the record in plain, with 9000 or a warning and without a MAC.
    @Test(arguments: [0x9000, 0x6281] as [UInt16], [0, 6, 18])
    func anAnswerWithoutItsMACIsRefused(word: UInt16, count: Int) throws {
        let finished = try Finished()
        func forged(_ card: VirtualCard) throws -> RelayChannel {
            RelayChannel(try VirtualCardChannel(card)) { command in
                guard command.cla == 0x04, command.ins == 0xB2 else { return nil }
                return ResponseAPDU(data: [UInt8](repeating: 0x20, count: count), StatusWord(rawValue: word))
            }
        }
        #expect(throws: CardError.channel(.protectionBroken)) { try finished.read(forged(finished.card)) }
        // and a plan does not take its read-back for done
        let workshop = try finished.factory.workshop()
        defer { workshop.close() }
        let plan = try finished.factory.plan(Self.values)
        let error = #expect(throws: PersonalizationError.self) {
            try workshop.begin(plan, on: forged(finished.factory.blank()), values: Self.values)
        }
        guard case .failed(let step, .channel(.protectionBroken)) = error else {
            return #expect(Bool(false), "\(String(describing: error))")
        }
        #expect(step.purpose.kind == .readBack)
    }

    @Test func aFlippedBitOfACommandIsRefusedByTheCard() throws {
        let factory = try CardFactory(Self.compiled())
        let plan = try factory.plan(Self.values)
        let workshop = try factory.workshop()
        defer { workshop.close() }
        let relay = RelayChannel(try VirtualCardChannel(factory.blank()))
        relay.changeCommand = { command in
            guard command.cla == 0x04, command.ins == 0xDC, var data = Optional(command.data) else { return command }
            data[0] ^= 1
            return (try? CommandAPDU(command.cla, command.ins, command.p1, command.p2, data: data)) ?? command
        }
        let error = #expect(throws: PersonalizationError.self) {
            try workshop.begin(plan, on: relay, values: Self.values)
        }
        guard case .failed(let step, .refused(_, .secureMessagingIncorrect)) = error else {
            return #expect(Bool(false), "\(String(describing: error))")
        }
        #expect(step.purpose.kind == .writeElement)
    }
}
