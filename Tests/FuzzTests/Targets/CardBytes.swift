import ByteText
import CardLayout
import ISO7816
import VirtualCard

/// What a card or a reader says, before anybody has asked what it means.
extension FuzzTarget {
    /// Bytes taken are given back as they were.
    static let cardBytes = [
        FuzzTarget("answer-to-reset", runs: 20_000) { bytes in
            guard let answer = try? AnswerToReset(bytes: bytes) else { return }
            try FuzzFinding.unless(answer.bytes == bytes, "an answer to reset changed when it was read")
            try FuzzFinding.unless(answer.historicalBytes.count <= 15, "more than 15 historical bytes")
        },
        FuzzTarget("command", runs: 20_000) { bytes in
            guard let command = try? CommandAPDU(bytes: bytes) else { return }
            try FuzzFinding.unless(command.bytes == bytes, "a command changed when it was read: \(bytes.hexadecimal)")
        },
        FuzzTarget("response", runs: 20_000) { bytes in
            guard let response = try? ResponseAPDU(bytes: bytes) else { return }
            try FuzzFinding.unless(response.bytes == bytes, "a response changed when it was read")
        },
    ]

    /// A virtual card's state file.
    ///
    /// What is taken is written again as it was, and the card answers whatever it is asked.
    static let state = FuzzTarget("state", runs: 3_000) { bytes in
        let site = try FuzzSite.shared()
        guard let card = try? VirtualCard(image: bytes, profiles: { _ in site.profile }) else { return }
        let image = card.image
        try FuzzFinding.unless(
            (try? VirtualCard(image: image, profiles: { _ in site.profile }))?.image == image,
            "a state file that was read and written cannot be read again")
        for command in site.probes { _ = try answer(of: card, to: command) }
    }

    /// A trace file: what is taken is written as text that is taken again as the same trace, and a card is played from it.
    static let trace = FuzzTarget(
        "trace", runs: 1_500,
        words: ["‹secret›", "‹18 bytes›", "no answer: cardRemoved", "reset", " µs", "le 256", "9000"]
    ) { bytes in
        guard let text = String(validating: bytes, as: UTF8.self), let file = try? CardTraceFile(text: text) else {
            return
        }
        try FuzzFinding.unless(
            (try? CardTraceFile(text: file.text))?.trace == file.trace, "a trace that was written cannot be read again")
        let card = ReplayChannel(file)
        for command in try FuzzSite.shared().probes.prefix(20) {
            _ = try? card.transmit(CommandAPDU(bytes: command))
        }
        try? card.reset()
    }

    /// Commands to a card that has been issued: two bytes of length before each.
    static let commands = FuzzTarget("commands", runs: 1_000) { bytes in
        let card = try FuzzSite.shared().issuedCard()
        var reader = ByteReader(bytes)
        while reader.remaining > 2 {
            guard let length = try? reader.takeInteger(UInt16.self),
                let command = try? reader.take(min(Int(length), reader.remaining))
            else { return }
            _ = try answer(of: card, to: command)
        }
    }

    private static func answer(of card: VirtualCard, to command: [UInt8]) throws -> [UInt8] {
        let answer = card.respond(to: command)
        guard (2...258).contains(answer.count), [0x60, 0x90].contains(answer[answer.count - 2] & 0xF0) else {
            throw FuzzFinding("\(command.hexadecimal) was answered \(answer.hexadecimal)")
        }
        return answer
    }
}
