import ByteText
public import CardCryptography
import Foundation
public import Lifecycle

/// What a backup holds, signed by the counter: the file `backup.txt` in its folder, one `name: value` a line.
///
/// The signature covers every byte before its own line, so the form is fixed: these names, in this order.
public struct BackupManifest: Hashable, Sendable {
    /// The counter whose log it is.
    public let counter: UInt64
    /// Events in the log: the sequence of the last one.
    public let events: UInt64
    /// SHA-256 of the last event.
    public let head: EventHash
    /// SHA-256 of all views in canonical order.
    public let views: [UInt8]
    /// Registered persons.
    public let persons: UInt64
    /// Cards.
    public let cards: UInt64
    /// When it was made, Unix milliseconds.
    public let madeAt: UInt64
    /// SHA-256 and length of `registry.sqlite`.
    public let database: [UInt8]
    /// Length of `registry.sqlite` in bytes.
    public let databaseLength: UInt64
    /// SHA-256 of `keys.sealed`.
    public let keys: [UInt8]
    /// SHA-256 of `office.sealed`; nil in backups of form 1, which had none.
    public let office: [UInt8]?
    /// The counter's public key, which the signature and the log are checked with.
    public let verificationKey: VerificationKey

    static let fileName = "backup.txt"
    private static let form = "sscard registry backup 2"
    private static let olderForm = "sscard registry backup 1"
    private static let lengthLimit = 4096

    /// The bytes that are signed.
    func signedText() throws(CryptographyError) -> String {
        var lines: [(String, String)] = [
            ("form", office == nil ? Self.olderForm : Self.form), ("counter", String(counter)),
            ("events", String(events)), ("head", head.text),
            ("views", views.hexadecimal), ("persons", String(persons)), ("cards", String(cards)),
            ("made", String(madeAt)), ("database", database.hexadecimal),
            ("database-bytes", String(databaseLength)), ("keys", keys.hexadecimal),
        ]
        if let office { lines.append(("office", office.hexadecimal)) }
        lines.append(("public-key", try verificationKey.der().hexadecimal))
        return lines.map { "\($0): \($1)\n" }.joined()
    }

    /// The whole file.
    func text(signedWith key: SigningKey) throws(CryptographyError) -> String {
        let text = try signedText()
        return text + "signature: \(try key.sign(Array(text.utf8)).hexadecimal)\n"
    }
}

extension BackupManifest {
    /// Reads what ``text(signedWith:)`` wrote and checks the signature; SHA-256 of the file comes beside it.
    static func read(in folder: String) throws(RegistryError) -> (manifest: BackupManifest, hash: [UInt8]) {
        let path = folder + "/" + fileName
        guard access(path, F_OK) == 0 || (errno != ENOENT && errno != ENOTDIR) else {
            throw .backup(.noneHere(folder))
        }
        guard let data = FileManager.default.contents(atPath: path), data.count <= lengthLimit,
            let text = String(validating: data, as: UTF8.self)
        else { throw .backup(.file(path, reason: "no manifest")) }
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        func value(_ place: Int, _ name: String) throws(RegistryError) -> String {
            guard lines.indices.contains(place), lines[place].hasPrefix(name + ": ") else {
                throw .backup(.manifest(line: name))
            }
            return String(lines[place].dropFirst(name.count + 2))
        }
        func number(_ place: Int, _ name: String) throws(RegistryError) -> UInt64 {
            guard let number = UInt64(try value(place, name)) else { throw .backup(.manifest(line: name)) }
            return number
        }
        func bytes(_ place: Int, _ name: String, _ count: Int? = 32) throws(RegistryError) -> [UInt8] {
            guard let bytes = [UInt8](hexadecimal: try value(place, name)), count == nil || bytes.count == count
            else { throw .backup(.manifest(line: name)) }
            return bytes
        }
        let told = try value(0, "form")
        // One line more since form 2.
        let more = told == form ? 1 : 0
        guard [form, olderForm].contains(told), lines.count == 14 + more, lines[13 + more].isEmpty else {
            throw .backup(.manifest(line: "form"))
        }
        guard let head = EventHash(bytes: try bytes(3, "head")) else { throw .backup(.manifest(line: "head")) }
        do {
            let manifest = BackupManifest(
                counter: try number(1, "counter"), events: try number(2, "events"), head: head,
                views: try bytes(4, "views"), persons: try number(5, "persons"), cards: try number(6, "cards"),
                madeAt: try number(7, "made"), database: try bytes(8, "database"),
                databaseLength: try number(9, "database-bytes"), keys: try bytes(10, "keys"),
                office: more == 1 ? try bytes(11, "office") : nil,
                verificationKey: try VerificationKey(der: bytes(11 + more, "public-key", nil)))
            let signed = try manifest.signedText()
            let signature = try bytes(12 + more, "signature", 64)
            let isGenuine = try manifest.verificationKey.verify(signature, of: Array(signed.utf8))
            guard isGenuine, text == signed + "signature: \(signature.hexadecimal)\n" else {
                throw RegistryError.backup(.signature)
            }
            return (manifest, try HashFunction.sha256.hash(Array(data)))
        } catch let error as RegistryError {
            throw error
        } catch {
            throw .backup(.signature)
        }
    }
}
