import CardCryptography
import CardData

/// Runs a piece of cryptography for a key store; its failure becomes `key-store.cryptography`.
func storing<Value: ~Copyable>(_ body: () throws(CryptographyError) -> Value) throws(Faults) -> Value {
    do throws(CryptographyError) {
        return try body()
    } catch {
        throw Faults("key-store.cryptography", ["reason": "\(error)"])
    }
}
