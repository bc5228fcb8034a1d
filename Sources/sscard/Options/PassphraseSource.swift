import ArgumentParser
import CardCryptography
import CardData

/// Where a passphrase comes from, `fd:N`: never an argument.
struct PassphraseSource: ExpressibleByArgument {
    private let descriptor: Int32

    init?(argument: String) {
        guard argument.hasPrefix("fd:"), let descriptor = Int32(argument.dropFirst(3)), descriptor >= 0 else {
            return nil
        }
        self.descriptor = descriptor
    }

    /// The passphrase; throws `keys.passphrase-short` for one of less than twelve bytes where it shall seal.
    func read(sealing: Bool) throws(Faults) -> SecretBytes {
        let passphrase = SecretLine.read(descriptor, limit: 1024)
        guard !sealing || passphrase.count >= 12 else { throw Faults("keys.passphrase-short") }
        return passphrase
    }
}
