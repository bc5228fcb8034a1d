import ArgumentParser
import ByteText
import CardCryptography
import CardData
import IssuerKeys
import SecretEntry

/// The key block protection key (密钥块保护密钥) that both sides hold, entered in components by different persons: it never lies on
/// a disk, nor in an argument.
struct ProtectionKeyOptions: ParsableArguments {
    @Option(
        name: .customLong("protection-component"),
        help: """
            保护密钥分量来源 Where a component of the protection key comes from: ask or fd:N, hexadecimal digits; two to five.
            """)
    var components: [SecretSource] = []

    @Option(
        name: .customLong("protection-kcv"), help: "保护密钥校验值 The protection key's check value, to compare: six digits.")
    var checkValue: String?

    /// The key, and what tells it.
    struct Key: ~Copyable {
        let bytes: SecretBytes
        let checkValue: KeyCheckValue
    }

    /// The protection key: its components combined bit by bit.
    ///
    /// Throws `key-block.protection-components`, `key-block.protection-form`, `key-block.protection-weak`, and `key-block.protection-check`.
    func key(for version: KeyBlockVersion) throws(Faults) -> Key {
        guard (2...5).contains(components.count) else {
            throw Faults("key-block.protection-components", ["count": String(components.count)])
        }
        var parts: [Component] = []
        for (index, source) in components.enumerated() {
            let line = try source.line("分量 Component \(index + 1): ")
            let part = try Component(line)
            guard part.count == parts.first?.count ?? part.count, !parts.contains(where: { $0.isEqual(to: part) })
            else { throw Faults("key-block.protection-form") }
            parts.append(part)
        }
        let key = SecretBytes.filling(count: parts[0].count) { span in
            for part in parts { part.combine(into: &span) }
        }
        guard let cipher = version.cipher(keyLength: key.count) else {
            throw Faults(KeyBlockError.protectionKey(version, length: key.count).faults)
                ?? Faults("key-block.protection-form")
        }
        // Components that cancel each other out leave a key that everybody knows.
        let isZero = key.isEqual(to: SecretBytes.filling(count: key.count) { _ in })
        guard !isZero, !key.withSpan({ BlockCipherKey.isWeak(cipher, $0) }) else {
            throw Faults("key-block.protection-weak")
        }
        let value: KeyCheckValue
        do throws(CryptographyError) {
            value = try key.withSpan { span throws(CryptographyError) in try KeyCheckValue(of: span, cipher: cipher) }
        } catch {
            throw Faults("key-block.protection-form")
        }
        if let checkValue, checkValue.uppercased() != value.bytes.hexadecimal {
            throw Faults(
                "key-block.protection-check",
                ["expected": checkValue.uppercased(), "found": value.bytes.hexadecimal])
        }
        return Key(bytes: key, checkValue: value)
    }

    /// One component.
    private final class Component {
        private let bytes: SecretBytes

        var count: Int { bytes.count }

        /// Reads 32, 48 or 64 hexadecimal digits; zeros alone are none.
        ///
        /// Throws `key-block.protection-form`.
        init(_ digits: borrowing SecretBytes) throws(Faults) {
            let read = digits.withSpan { SecretBytes.reading(hexadecimal: $0) }
            guard let read, [16, 24, 32].contains(read.count),
                !read.isEqual(to: SecretBytes.filling(count: read.count) { _ in })
            else { throw Faults("key-block.protection-form") }
            bytes = read
        }

        func isEqual(to other: Component) -> Bool { bytes.isEqual(to: other.bytes) }

        func combine(into span: inout MutableSpan<UInt8>) {
            bytes.withSpan { bytes in
                for index in bytes.indices { span[index] ^= bytes[index] }
            }
        }
    }
}
