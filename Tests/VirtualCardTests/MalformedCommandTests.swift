import ByteText
import SeededNumbers
import Testing

@testable import VirtualCard

/// No bytes make a card trap, answer nonsense, or keep what it cannot read again.
@Suite struct MalformedCommandTests {
    /// A card with files of every kind, keys, PINs and two levels of directories.
    private func card() throws -> TestCard {
        let card = try TestCard(transport: "t0")
        try card.accept(
            TestCard.masterFile, TestCard.keyFile, "80D401001539F0F0AA33" + TestCard.key, "80D40100073AF0EF01331234",
            "80E00001072C0040F0F0FFFF", "80E00002072A0304F0F0FFFF", "80E00003072E0302F0F0FFFF",
            "80E000040728012CF0F0FFFF", "80E03F010D384000F0F095FFFF4144463031")
        return card
    }

    @Test(arguments: [1, 2, 3, 4] as [UInt64]) func noCommandMakesTheCardTrap(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        let card = try card()
        for number in 0..<5_000 {
            if number % 250 == 0 { card.powerOff() }
            let command = command(number, &generator)
            let answer = card.respond(to: command)
            // 61xx and 6Cxx included, an answer is at most 256 bytes and a status word that begins with 6 or 9
            let isAnswer =
                (2...258).contains(answer.count)
                && [0x60, 0x90].contains(answer[answer.count - 2] & 0xF0)
            #expect(isAnswer, "seed \(seed), command \(number): \(command.hexadecimal) → \(answer.hexadecimal)")
            guard isAnswer else { return }
        }
        let kept = try CardMemory(encoded: card.image)
        #expect(kept.encoded == card.image, "seed \(seed)")
    }

    /// Every length from 0 to 300 in turn: pure noise, and commands whose header the card knows.
    private func command(_ number: Int, _ generator: inout SeededGenerator) -> [UInt8] {
        func noise(_ count: Int, _ generator: inout SeededGenerator) -> [UInt8] {
            (0..<count).map { _ in UInt8.random(in: .min ... .max, using: &generator) }
        }
        if number % 4 == 0 { return noise(number / 4 % 301, &generator) }
        let classes: [UInt8] = [0x00, 0x00, 0x80, 0x80, 0x04, 0x84]
        let instructions: [UInt8] = [
            0x0E, 0xE0, 0xD4, 0xA4, 0xB0, 0xB2, 0xD6, 0xD0, 0xDC, 0xD2, 0xE2, 0x84, 0x82, 0x88, 0x20, 0xC0,
            0x16, 0x18, 0x1E, 0x24, 0x5C, 0x5E,
        ]
        // Values that mean something somewhere: types, rights, identifiers, lengths.
        let telling: [UInt8] = [
            0x00, 0x01, 0x02, 0x04, 0x08, 0x0C, 0x10, 0x28, 0x2A, 0x2C, 0x2E, 0x38, 0x3F, 0x39, 0x3A, 0x34, 0x81, 0x95,
            0xF0, 0xF9, 0xFF,
        ]
        func value(_ generator: inout SeededGenerator) -> UInt8 {
            Bool.random(using: &generator)
                ? telling.randomElement(using: &generator) ?? 0 : UInt8.random(in: .min ... .max, using: &generator)
        }
        let header = [
            classes.randomElement(using: &generator) ?? 0, instructions.randomElement(using: &generator) ?? 0,
            value(&generator), value(&generator),
        ]
        let count = Int(value(&generator))
        let data = (0..<count).map { _ in value(&generator) }
        switch UInt8.random(in: 0..<4, using: &generator) {
        case 0: return header
        case 1: return header + [UInt8(count)]
        case 2: return header + [UInt8(count)] + data
        default: return header + [UInt8(count)] + data + [value(&generator)]
        }
    }

    /// ISO/IEC 7816-4 cases 1 to 4 with what does not add up (cos-dialects §11, 14).
    @Test(arguments: ["", "00", "00A400", "00A4000003", "00A40000033F00", "00A40000013F0000AA", "00A4000000FF"])
    func commandsThatDoNotAddUpAreTooLongOrTooShort(command: String) throws {
        try card().refuse(command, command == "00A4000003" ? "6C17" : "6700")
    }
}
