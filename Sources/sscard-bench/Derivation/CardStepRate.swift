import ByteText
import CardCryptography
import ISO7816
import IssuerKeys

/// How many whole card steps the software key service makes, beside C code that keeps its contexts: the card's key, a session key of
/// it, and the MAC of a command of 37 bytes; ours judges the command and finishes it besides.
struct CardStepRate {
    private static let key = KeyName(rawValue: "STKDF01")
    private static let cardCount: UInt64 = 256

    private let keys: SoftwareKeyService
    private let baseline: KeyBaseline
    private let command: CommandAPDU

    init(_ surroundings: Surroundings) throws {
        keys = try SoftwareKeyService(
            SealedKeyStore.openDevelopment(directory: surroundings.home + "/Keys/development"),
            hierarchy: KeyHierarchy.read(surroundings.home + "/Keys/hierarchy.yaml"))
        baseline = KeyBaseline(program: try surroundings.baseline("keybench"))
        command = try CommandAPDU(0x00, 0xD6, 0x95, 0x00, data: [UInt8](repeating: 0x5A, count: 32))
    }

    /// Takes turns with the C program.
    func measure(rounds: Int, seconds: Double, progress: (Int) -> Void) throws -> [Comparison] {
        let lines: [(name: String, algorithm: CardAlgorithm, baseline: String)] = [
            ("card steps, SM4", .sm4, "card.sm4(derive+sess+mac)"),
            ("card steps, 3DES", .tripleDES, "card.3des(derive+sess+retail)"),
        ]
        var ours = [Samples](repeating: Samples(), count: lines.count)
        var theirs = ours
        for round in 0..<rounds {
            progress(round)
            for (index, line) in lines.enumerated() {
                ours[index].add(try rate(line.algorithm, seconds: seconds))
                theirs[index].add(try baseline.rate(of: line.baseline, seconds: seconds))
            }
        }
        return lines.indices.map { index in
            Comparison(
                name: lines[index].name, unit: "steps/s", ours: ours[index], baseline: theirs[index],
                aim: .atLeast(0.70))
        }
    }

    private func rate(_ algorithm: CardAlgorithm, seconds: Double) throws -> Double {
        let exchanges = (1...Self.cardCount).map { number in
            ProtectedExchange(
                key: .issuer(Self.key),
                card: CardKeyContext(algorithm: algorithm, area: "990100", cardFactor: number.bigEndianBytes),
                challenge: (~number).bigEndianBytes, protection: LineProtection(.mac, keyForm: .sessionKey(width: 16)))
        }
        for exchange in exchanges { _ = try keys.protect(command, by: exchange) }
        let stopwatch = Stopwatch()
        var count = 0
        repeat {
            for exchange in exchanges { _ = try keys.protect(command, by: exchange) }
            count += exchanges.count
        } while stopwatch.processorSeconds < seconds
        return Double(count) / stopwatch.processorSeconds
    }
}
