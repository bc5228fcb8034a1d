import ByteText
public import CardCryptography
public import CardData
import Foundation

/// A policy of use with the signatures of officers under it: `use-policy.yaml` and beside it `use-policy.signatures.yaml`.
public enum SignedUsePolicy {
    /// Where the signatures of a policy file lie.
    public static func signaturePath(of path: String) -> String {
        (path.hasSuffix(".yaml") ? String(path.dropLast(5)) : path) + ".signatures.yaml"
    }

    /// Signs a policy file: r ‖ s, 64 bytes.
    ///
    /// Throws `data-file.not-readable`, `approval.cryptography`.
    public static func sign(
        _ path: String, as officer: String, with key: SM2.SigningKey
    ) throws(Faults) -> [UInt8] {
        let message = try message(path)
        do {
            return try key.sign(message, identifier: Array(officer.utf8))
        } catch {
            throw Faults(ApprovalError.cryptography("\(error)").faults) ?? Faults("approval.malformed-request")
        }
    }

    /// Checks that enough officers have signed a policy file.
    ///
    /// Throws `use-policy.not-signed`, `use-policy.signature`, `approval.unknown-officer`, and what reading throws.
    public static func check(_ path: String, officers: ApprovingOfficers, persons: Int = 2) throws(Faults) {
        let needed = max(persons, 2)
        let message = try message(path)
        let signatures = signaturePath(of: path)
        guard FileManager.default.fileExists(atPath: signatures) else { throw notSigned(path, 0, needed) }
        var signers: Set<String> = []
        for entry in try DataFile.read(signatures).required("signatures").mapping {
            guard let key = officers[entry.key] else {
                throw Faults(ApprovalError.unknownOfficer(entry.key).faults) ?? notSigned(path, 0, needed)
            }
            let signature = try entry.value.hexBytes
            guard (try? key.verify(signature, of: message, identifier: Array(entry.key.utf8))) == true else {
                throw Faults("use-policy.signature", ["officer": entry.key], at: entry.place)
            }
            signers.insert(entry.key)
        }
        guard signers.count >= needed else { throw notSigned(path, signers.count, needed) }
    }

    private static func notSigned(_ path: String, _ count: Int, _ needed: Int) -> Faults {
        Faults("use-policy.not-signed", ["path": path, "count": String(count), "needed": String(needed)])
    }

    /// What officers sign: a text of its own, then SM3 of the file.
    private static func message(_ path: String) throws(Faults) -> [UInt8] {
        guard let data = FileManager.default.contents(atPath: path), data.count <= DataFile.sizeLimit else {
            throw Faults("data-file.not-readable", ["path": path])
        }
        let digest = try storing { () throws(CryptographyError) in try HashFunction.sm3.hash(Array(data)) }
        return Array("sscard-use-policy-1\n".utf8) + digest
    }
}
