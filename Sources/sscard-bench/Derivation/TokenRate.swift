import ByteText
import CardCryptography
import Foundation
import IssuerKeys

/// How many card keys the PKCS#11 back-end derives in SoftHSM2, many in one call, beside C code that does nothing else.
///
/// Ours crosses to the module's process and back for each call; its processor time is that of both processes, the baseline's that
/// of its one thread.
struct TokenRate {
    private static let key = KeyName(rawValue: "IRK")
    private static let label = "sscard-bench"
    /// Cards of one call, as in p11bench.c, and of a whole batch.
    private static let callSizes = [256, 4096]

    private let service: TokenKeyService
    private let baseline: ChildProgram
    private let settings: String
    private let pin: String

    /// Makes a token of its own in an empty folder and loads the development keys of one city into it.
    init(_ surroundings: Surroundings) throws {
        let folder = try surroundings.emptyFolder("token")
        try FileManager.default.createDirectory(atPath: folder + "/tokens", withIntermediateDirectories: true)
        settings = folder + "/softhsm2.conf"
        let directory = URL(filePath: folder + "/tokens").path
        try Data("directories.tokendir = \(directory)\nlog.level = ERROR\n".utf8).write(to: URL(filePath: settings))
        pin = try SecureRandom.bytes(16).hexadecimal
        let hierarchy = try KeyHierarchy.read(surroundings.home + "/Keys/hierarchy.yaml")
        let development = try SealedKeyStore.openDevelopment(directory: surroundings.home + "/Keys/development")
        let launcher = ModuleLauncher(
            program: try surroundings.tool().path, arguments: ["token-module"],
            environment: ["SOFTHSM2_CONF": settings], channels: 1)
        let location = try TokenLocation(label: Self.label)
        let secret = Array(pin.utf8)
        try Token.initialize(
            location, officerPIN: SecretBytes(copying: secret), userPIN: SecretBytes(copying: secret),
            launcher: launcher)
        let token = try Token(location, pin: SecretBytes(copying: secret), launcher: launcher)
        try token.load(
            development.citySet(area: "990100", name: "bench", hierarchy: hierarchy), purpose: .cardMaking)
        service = try TokenKeyService(
            token, hierarchy: hierarchy, policy: TokenPolicy.read(surroundings.home + "/Keys/token-policy.yaml"))
        baseline = try surroundings.baseline("p11bench")
    }

    /// Takes turns with the C program.
    func measure(rounds: Int, seconds: Double, progress: (Int) -> Void) throws -> [Comparison] {
        var ours = [Samples](repeating: Samples(), count: Self.callSizes.count)
        var theirs = Samples()
        for round in 0..<rounds {
            progress(round)
            for (index, size) in Self.callSizes.enumerated() { ours[index].add(try rate(size, seconds: seconds)) }
            theirs.add(try baselineRate(seconds: seconds))
        }
        return zip(Self.callSizes, ours).map { size, samples in
            Comparison(
                name: "card keys, 3DES in SoftHSM2, \(size) a call", unit: "keys/s", ours: samples, baseline: theirs,
                aim: .atLeast(0.80))
        }
    }

    private func rate(_ size: Int, seconds: Double) throws -> Double {
        let factors = (1...UInt64(size)).compactMap { DiversificationFactor($0.bigEndianBytes) }
        let card = CardKeyContext(
            algorithm: .tripleDES, area: "990100", cardFactor: UInt64(1).bigEndianBytes)
        let stopwatch = Stopwatch()
        let before = moduleSeconds
        var count = 0
        var spent = 0.0
        repeat {
            try service.deriveAndForget(Self.key, ofCardsLike: card, factors: factors)
            count += size
            spent = stopwatch.processorSeconds + moduleSeconds - before
        } while spent < seconds
        return Double(count) / spent
    }

    /// Processor time of the module's process so far.
    private var moduleSeconds: Double {
        var clock = clockid_t()
        var time = timespec()
        guard clock_getcpuclockid(service.moduleProcess, &clock) == 0 else { return 0 }
        clock_gettime(clock, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
    }

    /// Reads the line `p11.3des.C_Encrypt batch256  1202986 /s (min …`.
    private func baselineRate(seconds: Double) throws -> Double {
        setenv("SOFTHSM2_CONF", settings, 1)
        let text = try baseline.output(
            TokenLocation.softHSMModule, pin, seconds.description, "1", "p11.3des.C_Encrypt batch256")
        for line in text.split(separator: "\n") where line.hasPrefix("p11.3des.C_Encrypt batch256") {
            let words = line.split(separator: " ")
            if let index = words.firstIndex(of: "/s"), index > 0, let rate = Double(words[index - 1]) { return rate }
        }
        throw BenchError.output(baseline.path, text)
    }
}
