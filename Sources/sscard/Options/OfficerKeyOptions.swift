import ArgumentParser
import CardCryptography
import CardData
import IssuerKeys
import SecretEntry

/// The officer who signs, by the file with their key.
struct OfficerKeyOptions: ParsableArguments {
    @Option(help: "审批人密钥文件 The officer's key file, made by sscard keys policy officer.") var officerKey: String
    @Option(help: "口令来源 Where its passphrase comes from: ask or fd:N.") var passphrase = SecretSource.ask

    /// Opens the file.
    func key() throws(Faults) -> OfficerKey {
        let officer = try OfficerKey.officer(inFile: officerKey)
        return try OfficerKey.open(officerKey, passphrase: passphrase.passphrase(of: officer))
    }
}
