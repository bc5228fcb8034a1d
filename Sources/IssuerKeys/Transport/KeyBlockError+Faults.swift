public import CardCryptography
public import CardData

extension KeyBlockError: FaultReporting {
    /// The error in the catalogue's terms; places, letters and lengths, never key bytes.
    public var faults: [Fault] {
        switch self {
        case .malformed(let what): [Fault("key-block.malformed", ["what": what])]
        case .unknownVersion(let letter): [Fault("key-block.unknown-version", ["version": String(letter)])]
        case .onlyOpened(let version): [Fault("key-block.only-opened", ["version": String(version.rawValue)])]
        case .protectionKey(let version, let length):
            [Fault("key-block.protection-key", ["version": String(version.rawValue), "length": String(length)])]
        case .notAuthentic: [Fault("key-block.not-authentic")]
        case .weakerProtection(let version, let algorithm):
            [
                Fault(
                    "key-block.weaker-protection",
                    ["version": String(version.rawValue), "algorithm": String(algorithm)])
            ]
        case .keyLength(let algorithm, let length):
            [Fault("key-block.key-length", ["algorithm": String(algorithm), "length": String(length)])]
        case .cryptography(let error): [Fault("key-store.cryptography", ["reason": "\(error)"])]
        }
    }
}

/// Runs a piece of key-block work; its failure becomes faults.
func transporting<Value: ~Copyable>(_ body: () throws(KeyBlockError) -> Value) throws(Faults) -> Value {
    do throws(KeyBlockError) {
        return try body()
    } catch {
        throw Faults(error.faults) ?? Faults("key-block.not-authentic")
    }
}
