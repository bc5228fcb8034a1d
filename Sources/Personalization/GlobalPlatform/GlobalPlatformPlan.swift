import ByteText
import CardCryptography

/// Everything that will be done to one GlobalPlatform card for one person, in its order: what is printed is what runs.
public struct GlobalPlatformPlan: Hashable, Sendable {
    /// The profile's name.
    public let profileName: String
    /// The layout's name.
    public let layoutName: String
    /// The steps.
    public let steps: [GlobalPlatformStep]

    /// How many commands are sent.
    public var commandCount: Int { steps.reduce(0) { $0 + $1.commandCount } }

    /// One line a step: commands, what must come back, why.
    public var lines: [String] {
        steps.map { "\($0.printed) | \($0.expectation.printed) | \($0.englishText)" }
    }

    /// SHA-256 over the names and all lines.
    public var hash: [UInt8] {
        get throws(CryptographyError) {
            let text = (["sscard globalplatform plan 1", profileName, layoutName] + lines).joined(separator: "\n")
            return try HashFunction.sha256.hash(Array(text.utf8))
        }
    }
}

extension GlobalPlatformStep.Expectation {
    fileprivate var printed: String {
        switch self {
        case .success: "9000"
        case .successOrNothingThere: "9000 or 6A88"
        case .data(let bytes): "\(bytes.hexadecimal)9000"
        }
    }
}
