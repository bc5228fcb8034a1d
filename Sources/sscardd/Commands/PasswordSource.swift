import ArgumentParser
import CardCryptography
import CardData
import SecretEntry

/// Where a password comes from: typed at the terminal, unseen and twice, or one line of an open file; never an argument.
enum PasswordSource: ExpressibleByArgument {
    case ask
    case descriptor(Int32)

    init?(argument: String) {
        if argument == "ask" {
            self = .ask
            return
        }
        guard argument.hasPrefix("fd:"), let number = Int32(argument.dropFirst(3)), number >= 0 else { return nil }
        self = .descriptor(number)
    }

    private static let limit = 1024

    /// One that opens something.
    func password(of whom: String) throws(Faults) -> SecretBytes {
        switch self {
        case .ask: try SilentEntry.read("\(whom) 口令 Passphrase: ", limit: Self.limit)
        case .descriptor(let descriptor): SecretLine.read(descriptor, limit: Self.limit)
        }
    }

    /// A new password.
    func newPassword(of number: UInt64) throws(Faults) -> SecretBytes {
        guard case .ask = self else {
            guard case .descriptor(let descriptor) = self else { throw Faults("operator.entries-differ") }
            return SecretLine.read(descriptor, limit: Self.limit)
        }
        let first = try SilentEntry.read("\(number) 新密码 New password: ", limit: Self.limit)
        guard first.isEqual(to: try SilentEntry.read("请再输入一次 Again: ", limit: Self.limit)) else {
            throw Faults("operator.entries-differ")
        }
        return first
    }
}
