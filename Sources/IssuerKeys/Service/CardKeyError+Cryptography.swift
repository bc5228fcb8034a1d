import CardCryptography

extension CardKeyError {
    /// A failure of the cryptographic room in the terms of this one.
    init(_ error: CryptographyError) {
        switch error {
        case .wrongLength(let what, let count): self = .wrongLength(what, count)
        default: self = .serviceFailed("\(error)")
        }
    }

    /// Runs a piece of cryptography; its failure becomes a key error.
    static func reporting<Value: ~Copyable>(
        _ body: () throws(CryptographyError) -> Value
    ) throws(CardKeyError) -> Value {
        do throws(CryptographyError) {
            return try body()
        } catch {
            throw CardKeyError(error)
        }
    }
}
