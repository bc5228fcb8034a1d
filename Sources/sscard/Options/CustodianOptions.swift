import ArgumentParser
import CardCryptography
import CardData
import Foundation
import IssuerKeys
import SecretEntry

/// The custodians who take part, each by the file with their key.
struct CustodianOptions: ParsableArguments {
    @Option(
        name: .customLong("custodian-key"),
        help: "保管人密钥文件 A custodian's key file; repeated where several take part.")
    var files: [String] = []

    @Option(
        help:
            "保管人口令来源 Where the passphrases come from: ask or fd:N, one for each key file or one for all (default: ask)."
    )
    var passphrase: [SecretSource] = []

    /// Opens all key files, each with its passphrase.
    func keys() throws(Faults) -> [CustodianKey] {
        var keys: [CustodianKey] = []
        for (index, file) in files.enumerated() {
            let custodian = try CustodianKey.custodian(inFile: file)
            let passphrase = try passphrase.source(index, of: files.count).passphrase(of: custodian.name)
            keys.append(try CustodianKey.open(file, passphrase: passphrase))
        }
        return keys
    }

    /// Opens the one key file.
    ///
    /// Throws `secret.one-key` when there is not exactly one.
    func key() throws(Faults) -> CustodianKey {
        guard files.count == 1, let key = try keys().first else {
            throw Faults("secret.one-key", ["count": String(files.count)])
        }
        return key
    }
}

extension RecordTime {
    /// Now by the machine's clock.
    static var now: RecordTime { RecordTime(seconds: UInt64(max(0, Date().timeIntervalSince1970))) }
}

/// The name of a seal on the command line.
struct SealName: ExpressibleByArgument {
    let seal: Seal

    static let standard = SealName(seal: .aes256GCM)

    private init(seal: Seal) { self.seal = seal }

    init?(argument: String) {
        guard let seal = Seal(rawValue: argument) else { return nil }
        self.seal = seal
    }

    var defaultValueDescription: String { seal.rawValue }
}
