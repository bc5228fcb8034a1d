import ByteText
import CardData
import ISO7816
import SeededNumbers
import Testing
import VirtualCard

/// Cards that answer garbage: whoever talks to them gives a clear error, never traps, and stops by itself.
@Suite struct RogueCardTests {
    /// The ways in which a card misbehaves from a command on.
    enum Manner: String, CaseIterable {
        case nothing, oneByte, statusWordAlone, tooLong, tooShort, sixtyFourKibibytes, waitingForEver, oneByteWaiting
        case lengthForEver, yesToEverything, noise, wrongTags, wrongLengths, sameRecordForEver

        /// True when the reader on the way would not let the answer through, so that another channel is played.
        var needsCarelessReader: Bool { self == .sixtyFourKibibytes }

        /// What the card says in place of `honest`.
        func answer(_ honest: [UInt8], _ command: CommandAPDU, _ generator: inout SeededGenerator) -> [UInt8] {
            let expected = command.expectedLength ?? 8
            let success: [UInt8] = [0x90, 0x00]
            func noise(_ count: Int) -> [UInt8] {
                (0..<count).map { _ in UInt8.random(in: .min ... .max, using: &generator) }
            }
            switch self {
            case .nothing: return []
            case .oneByte: return [0x90]
            case .statusWordAlone: return [0x6F, 0x00]
            case .tooLong: return noise(min(expected + 5, 256)) + success
            case .tooShort: return noise(max(expected - 3, 0)) + success
            case .sixtyFourKibibytes: return noise(65_536) + success
            case .waitingForEver: return noise(command.ins == 0xC0 ? 255 : 0) + [0x61, 0xFF]
            case .oneByteWaiting: return noise(command.ins == 0xC0 ? 1 : 0) + [0x61, 0x01]
            case .lengthForEver: return [0x6C, UInt8(truncatingIfNeeded: expected &+ 1)]
            case .yesToEverything: return success
            case .noise: return noise(Int.random(in: 0...258, using: &generator))
            case .wrongTags: return honest.count > 3 ? [honest[0] ^ 0x55] + honest.dropFirst() : honest
            case .wrongLengths: return honest.count > 3 ? [honest[0], honest[1] ^ 0xFF] + honest.dropFirst(2) : honest
            case .sameRecordForEver: return [0x07, 0x09] + Array("D00000005".utf8) + success
            }
        }
    }

    /// From the first command on, and after honest beginnings; the fourth command of the till is the proof of being genuine.
    @Test(arguments: Manner.allCases, CardUser.allCases) func everyUserStopsWithAClearError(
        manner: Manner, user: CardUser
    ) throws {
        let site = try FuzzSite.shared(user.kind)
        let seed = FuzzSeed.current
        for honestCommands in [0, 1, 2, 3, 5, 8, 13, 40] {
            var generator = SeededGenerator(seed: seed &+ UInt64(honestCommands))
            let card = try site.honestCard(isBlank: user.makesCards)
            card.powerOn()
            let rogue = RogueCard(site.answerToReset, isReaderHonest: !manner.needsCarelessReader) { command, number in
                let honest = card.respond(to: command.bytes)
                return number < honestCommands ? honest : manner.answer(honest, command, &generator)
            }
            #expect(throws: Never.self, "seed \(seed), \(manner) after \(honestCommands) commands") {
                try user.meet(rogue, proves: honestCommands > 3)
            }
        }
    }

    /// What is not in the card's own terms is told with a code of the catalogue.
    @Test(arguments: Manner.allCases) func theErrorIsOneOfTheCatalogue(manner: Manner) throws {
        for user in CardUser.allCases {
            let site = try FuzzSite.shared(user.kind)
            var generator = SeededGenerator(seed: FuzzSeed.current)
            let rogue = RogueCard(site.answerToReset, isReaderHonest: !manner.needsCarelessReader) { command, _ in
                manner.answer([], command, &generator)
            }
            do {
                try user.use(rogue)
            } catch let error as any FaultReporting {
                for fault in error.faults {
                    let text = MessageCatalogue.standard.text(for: fault, language: .english)
                    #expect(!text.what.isEmpty && !text.what.contains("{"), "\(user) and \(manner): \(fault.code)")
                }
            } catch let finding as FuzzFinding {
                Issue.record("\(user) and \(manner): \(finding)")
            }
        }
    }

    /// The yes-card that other programs take for one they know (OpenSC issue threads): nothing here believes it.
    @Test func aCardThatSaysYesToEverythingIsNeverIssuedNorGood() throws {
        for user in CardUser.allCases where !user.looksAtEverything {
            let rogue = RogueCard(try FuzzSite.shared(user.kind).answerToReset) { _, _ in [0x90, 0x00] }
            #expect(throws: Never.self) { try user.meet(rogue) }
            #expect(rogue.count < 20, "\(user) went on for \(rogue.count) commands")
        }
    }
}
