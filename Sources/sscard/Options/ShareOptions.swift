import ArgumentParser
import CardCryptography
import CardData
import IssuerKeys
import SecretEntry

/// The shares that custodians bring: sealed files, opened with their keys, or the words from paper.
struct ShareOptions: ParsableArguments {
    @Option(help: "备份记录 The backup's record.") var backup: String

    @Option(help: "份额文件 A custodian's share file; repeated. Needs the custodian's key file.")
    var share: [String] = []

    @Option(help: "纸质份额 Where the words of a share on paper come from: ask or fd:N; repeated.")
    var words: [SecretSource] = []

    /// All shares, those in files first.
    ///
    /// Throws `custody.no-key-for-share`, and what reading shares throws.
    func shares(_ keys: [CustodianKey]) throws(Faults) -> [SecretShare] {
        var shares: [SecretShare] = []
        for path in share {
            let file = try ShareFile.read(path)
            guard let key = keys.first(where: { $0.custodian.number == file.custodian.number }) else {
                throw Faults(
                    "custody.no-key-for-share",
                    ["number": String(file.custodian.number), "name": file.custodian.name])
            }
            shares.append(try file.share(key))
        }
        for source in words {
            let line = try source.line("份额 Words of the share: ")
            do throws(SecretSharingError) {
                shares.append(try line.withSpan { span throws(SecretSharingError) in try SecretShare(words: span) })
            } catch {
                throw Faults(error.faults) ?? Faults("share.malformed")
            }
        }
        return shares
    }
}
