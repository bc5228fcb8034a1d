public import ArgumentParser
import CardCryptography
import CardData
public import SecretEntry

extension SecretSource: ExpressibleByArgument {}

extension SecretSource {
    private static let shortest = 12

    /// A passphrase that opens something.
    func passphrase(of whom: String) throws(Faults) -> SecretBytes {
        try line("\(whom) 口令 Passphrase: ")
    }

    /// A passphrase that will seal something: at least twelve bytes, at the terminal typed twice.
    ///
    /// Throws `secret.too-short` and `secret.entries-differ`.
    func newPassphrase(of whom: String) throws(Faults) -> SecretBytes {
        let rule = "至少 \(Self.shortest) 个字节 \(Self.shortest) bytes or more"
        let first = try line("\(whom) 新口令 New passphrase (\(rule)): ")
        guard first.count >= Self.shortest else {
            throw Faults("secret.too-short", ["least": String(Self.shortest)])
        }
        guard case .ask = self else { return first }
        guard first.isEqual(to: try line("\(whom) 请再输入一次 Again: ")) else { throw Faults("secret.entries-differ") }
        return first
    }
}

extension [SecretSource] {
    /// The source for one of several secrets: its own, the only one for all, or the terminal.
    ///
    /// Throws `secret.count` when there are neither as many sources as secrets, nor one, nor none.
    func source(_ index: Int, of count: Int) throws(Faults) -> SecretSource {
        switch self.count {
        case 0: return .ask
        case 1: return self[0]
        case count: return self[index]
        default: throw Faults("secret.count", ["given": String(self.count), "needed": String(count)])
        }
    }
}
