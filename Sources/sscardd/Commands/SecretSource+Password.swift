public import ArgumentParser
import CardCryptography
import CardData
public import SecretEntry

extension SecretSource: ExpressibleByArgument {}

extension SecretSource {
    /// One that opens something.
    func password(of whom: String) throws(Faults) -> SecretBytes {
        try line("\(whom) 口令 Passphrase: ")
    }

    /// A new password of an operator; at the terminal typed twice.
    ///
    /// Throws `operator.entries-differ`.
    func newPassword(of number: UInt64) throws(Faults) -> SecretBytes {
        let first = try line("\(number) 新密码 New password: ")
        guard case .ask = self else { return first }
        guard first.isEqual(to: try line("请再输入一次 Again: ")) else { throw Faults("operator.entries-differ") }
        return first
    }
}
