import ByteText
public import CardCryptography
public import CardData
import Foundation

/// 策略签名: the city's SM2 signature over the bytes of its policy file, kept beside it as `‹file›.sig`, r ‖ s in hexadecimal.
///
/// `openssl dgst -sm3 -verify` with the identifier below checks the same signature in DER form.
public enum PolicySignature {
    /// The signer's identifier that goes into every policy signature.
    public static let identifier = Array("sscard lifecycle policy".utf8)

    /// Signs the bytes of a policy file.
    public static func sign(_ policy: [UInt8], with key: SM2.SigningKey) throws(Faults) -> String {
        do {
            return try key.sign(policy, identifier: identifier).hexadecimal + "\n"
        } catch {
            throw Faults("policy.signature-failed", ["reason": "\(error)"])
        }
    }

    /// Checks that a policy file is the city's.
    ///
    /// - Throws: `policy.unsigned` without a signature beside it, `policy.signature-wrong` for one that is not this key's over these
    ///   bytes.
    public static func check(_ path: String, by key: SM2.VerificationKey) throws(Faults) {
        try check(try DataFile.bytes(of: path), of: path, by: key)
    }

    /// As ``check(_:by:)``, of the file's bytes as they were read; the signature lies beside the file.
    static func check(_ policy: [UInt8], of path: String, by key: SM2.VerificationKey) throws(Faults) {
        guard let text = FileManager.default.contents(atPath: path + ".sig"), text.count <= 1024 else {
            throw Faults("policy.unsigned", ["file": path])
        }
        let digits = String(decoding: text, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines)
        let signature = [UInt8](hexadecimal: digits) ?? []
        let isGenuine = (try? key.verify(signature, of: policy, identifier: identifier)) ?? false
        guard isGenuine else { throw Faults("policy.signature-wrong", ["file": path]) }
    }
}
