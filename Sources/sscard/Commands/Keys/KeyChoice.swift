import ArgumentParser
import CardData
import IssuerKeys

/// Which key of the hierarchy is meant: by name, algorithm and version.
struct KeyChoice: ParsableArguments {
    @Option(name: .customLong("key"), help: "密钥名称 The key's name.") var name: String
    @Option(name: .customLong("version"), help: "密钥版本 Its version.") var number: Int?
    @Option(help: "算法 Algorithm: 01 3DES, 03 SM4, or the name.") var algorithm = "03"

    /// The algorithm; throws `tool.unknown-word`.
    func chosenAlgorithm() throws(Faults) -> CardAlgorithm {
        if let named = CardAlgorithm(algorithm) { return named }
        guard let chosen = UInt8(algorithm, radix: 16).flatMap(CardAlgorithm.init(rawValue:)) else {
            throw Faults("tool.unknown-word", ["word": algorithm, "known": "01 03 3des sm4 aes"])
        }
        return chosen
    }

    /// The version; the live one when none is named; throws `keys.version`.
    func version(of key: KeyHierarchy.Key) throws(Faults) -> KeyVersion {
        guard let number else { return key.live }
        guard let version = KeyVersion(number) else { throw Faults("keys.version", ["value": String(number)]) }
        return version
    }
}
