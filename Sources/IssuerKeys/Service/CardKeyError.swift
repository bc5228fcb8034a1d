public import CardData

/// Why a key was not used.
public enum CardKeyError: Error, Hashable, Sendable {
    /// The hierarchy has no such key.
    case unknownKey(KeyName)
    /// The store holds no key of this name for this algorithm and area.
    case keyNotHeld(KeyName, CardAlgorithm, area: String)
    /// The store holds the key, but not the version that serves the card.
    case versionNotHeld(KeyName, KeyVersion)
    /// The version of the key that the card was made with is withdrawn.
    case versionWithdrawn(KeyName, KeyVersion)
    /// The algorithm exists only in hardware (SSF33).
    case algorithmNotAvailable(CardAlgorithm)
    /// An all-zero challenge proves nothing and is refused.
    case zeroChallenge
    /// A challenge, factor or header has a length that the operation does not allow.
    case wrongLength(String, Int)
    /// The key may not be used for this command.
    case useNotAllowed(KeyName, String)
    /// The policy of use or the key log does not allow it.
    case notPermitted(Faults)
    /// Two ways to derive the key gave two keys: neither is used.
    case enginesDiffer(KeyName)
    /// The place works without keys.
    case notConfigured
    /// The service cannot be reached or has failed.
    case serviceFailed(String)
    /// The token that holds the keys did not do it.
    case token(TokenFailure)
    /// The security module in the terminal did not do it.
    case module(PSAMFault)
    /// The gateway in front of a hardware module did not do it.
    case gateway(HSMGatewayFault)
    /// The keys of a security domain will not do.
    indirect case securityDomain(GlobalPlatformKeyError)
}

extension CardKeyError: FaultReporting {
    /// The one fault, with names and lengths but never key bytes.
    public var faults: [Fault] {
        switch self {
        case .unknownKey(let name): [Fault("card-key.unknown", ["key": name.rawValue])]
        case .keyNotHeld(let name, let algorithm, let area):
            [
                Fault(
                    "card-key.not-held",
                    ["key": name.rawValue, "algorithm": algorithm.description, "area": area])
            ]
        case .versionNotHeld(let name, let version):
            [Fault("card-key.version-not-held", ["key": name.rawValue, "version": version.description])]
        case .versionWithdrawn(let name, let version):
            [Fault("card-key.version-withdrawn", ["key": name.rawValue, "version": version.description])]
        case .algorithmNotAvailable(let algorithm):
            [Fault("card-key.algorithm-not-available", ["algorithm": algorithm.description])]
        case .zeroChallenge: [Fault("card-key.zero-challenge")]
        case .wrongLength(let what, let count):
            [Fault("card-key.wrong-length", ["what": what, "count": String(count)])]
        case .useNotAllowed(let name, let use):
            [Fault("card-key.use-not-allowed", ["key": name.rawValue, "use": use])]
        case .notPermitted(let faults): faults.faults
        case .enginesDiffer(let name): [Fault("card-key.engines-differ", ["key": name.rawValue])]
        case .notConfigured: [Fault("card-key.not-configured")]
        case .serviceFailed(let reason): [Fault("card-key.service-failed", ["reason": reason])]
        case .token(let failure): failure.faults
        case .module(let fault): fault.faults
        case .gateway(let fault): fault.faults
        case .securityDomain(let error): error.faults
        }
    }
}
