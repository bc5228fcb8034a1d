import ByteText
import CardCryptography
public import CardData

/// The keys of a level on their way to the level below (密钥信封): sealed for one custodian there, signed by two here, each key with
/// the receipt of its derivation.
///
/// The seal is AES-256-GCM under a key of its own, which SM2 enciphers for the receiver (04 ‖ x ‖ y ‖ C3 ‖ C2). Each signature (SM2
/// over SM3, identifier `1234567812345678`) stands over every line before the signatures. The receiver opens nothing before the
/// signatures of two custodians of the house above, and takes no key whose receipts do not lead to it.
public enum KeyEnvelope {
    static let format = "sscard-key-envelope-1"
    /// So many different custodians sign.
    private static let signers = 2

    /// The text of an envelope.
    ///
    /// - Parameter senders: the custodians who sign, two at least.
    ///
    /// Throws `key-envelope.no-receipts` for a set that was not handed down, `key-envelope.too-few-signers`, `custodian.twice`, and
    /// `key-store.cryptography`.
    public static func seal(
        _ set: KeySet, to receiver: Custodian, signedBy senders: [CustodianKey]
    ) throws(Faults) -> String {
        guard !set.lineage.isEmpty else { throw Faults("key-envelope.no-receipts", ["name": set.name]) }
        if let faults = Faults(CustodianRoster.repeated(in: senders.map(\.custodian))) { throw faults }
        try checkCount(senders.count)
        let head = KeyEnvelopeHead(set, receiver: receiver)
        let contents = KeySetContents.write(set)
        let sealed = try storing { () throws(CryptographyError) in
            let key = try SecureRandom.secret(32)
            let sealedKey = try SM2.VerificationKey(point: receiver.point).encrypt(key)
            let box = try contents.withSpan { contents throws(CryptographyError) in
                try key.withSpan { key throws(CryptographyError) in
                    try SealedBox.seal(contents, key: key, header: head.bytes)
                }
            }
            return "key: \(sealedKey.hexadecimal)\nsealed: \(box.hexadecimal)\n"
        }
        let text = head.text + sealed
        var signatures = ""
        for sender in senders {
            signatures += "signature: \(sender.custodian.number) \(try sender.sign(Array(text.utf8)).hexadecimal)\n"
        }
        return text + signatures
    }

    /// The set of an envelope, and who signed it.
    ///
    /// - Parameters:
    ///   - receiver: the custodian it was sealed for.
    ///   - roster: the custodians of the level above, known by another way.
    ///
    /// Throws `key-envelope.malformed`; `key-envelope.not-authentic` when one character differs or a signer is not in the roster;
    /// `key-envelope.too-few-signers`, `key-envelope.other-receiver`, `key-envelope.not-opened`; `key-store.contents`; `key-store.lineage`
    /// for a receipt that does not lead to its key by the hierarchy's factors and parity rule; and in production
    /// `key-store.development-in-production`.
    public static func open(
        _ text: String, with receiver: CustodianKey, from roster: CustodianRoster, hierarchy: KeyHierarchy,
        mode: SealedKeyStore.Mode
    ) throws(Faults) -> (set: KeySet, signers: [Custodian]) {
        let (body, signers) = try authentic(text, roster)
        guard body.count > 2, let sealedKey = KeyEnvelopeHead.bytes("key", body[body.count - 2]),
            let box = KeyEnvelopeHead.bytes("sealed", body[body.count - 1]),
            let head = KeyEnvelopeHead(Array(body.dropLast(2)))
        else { throw Faults("key-envelope.malformed", ["what": "head"]) }
        guard head.receiver == receiver.custodian.point else {
            throw Faults("key-envelope.other-receiver", ["number": String(head.receiverNumber)])
        }
        guard !head.receipts.isEmpty else { throw Faults("key-envelope.no-receipts", ["name": head.name]) }
        var set = try KeySet(name: head.name, level: head.level, area: head.area, root: head.root)
        guard let contents = try receiver.unsealed(box, sealedKey: sealedKey, header: head.bytes) else {
            throw Faults("key-envelope.not-opened")
        }
        guard contents.withSpan({ KeySetContents.read($0, format: .second, into: &set) }) else {
            throw Faults("key-store.contents", ["name": head.name])
        }
        set.lineage = head.receipts
        try set.checkLineage(hierarchy: hierarchy)
        try mode.check(set)
        return (set, signers)
    }

    /// The lines before the signatures, when enough of the roster signed them and nobody else did.
    private static func authentic(
        _ text: String, _ roster: CustodianRoster
    ) throws(Faults) -> (body: [String], signers: [Custodian]) {
        // On its way the envelope may have got the line ends of another system; what was signed has this house's.
        var lines = text.withPlainLineEnds.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        guard lines.popLast() == "" else { throw Faults("key-envelope.malformed", ["what": "signature"]) }
        let body = Array(lines.prefix { !$0.hasPrefix("signature: ") })
        let signed = body.map { $0 + "\n" }.joined()
        var signers: [Custodian] = []
        for line in lines.dropFirst(body.count) {
            let parts = line.split(separator: " ", omittingEmptySubsequences: false)
            guard parts.count == 3, parts[0] == "signature:", let number = UInt64(parts[1]),
                String(number) == parts[1], let signature = [UInt8](hexadecimal: parts[2]), signature.count == 64,
                signature.hexadecimal == parts[2]
            else { throw Faults("key-envelope.malformed", ["what": "signature"]) }
            guard let custodian = roster[number], try custodian.hasSigned(Array(signed.utf8), signature) else {
                throw Faults("key-envelope.not-authentic", ["number": String(number)])
            }
            signers.append(custodian)
        }
        if let faults = Faults(CustodianRoster.repeated(in: signers)) { throw faults }
        try checkCount(signers.count)
        return (body, signers)
    }

    private static func checkCount(_ count: Int) throws(Faults) {
        guard count >= signers else {
            throw Faults("key-envelope.too-few-signers", ["count": String(count), "needed": String(signers)])
        }
    }
}

extension CustodianKey {
    /// What was sealed under a key that was enciphered for this custodian; nil when it was altered, or is for another.
    fileprivate func unsealed(
        _ box: [UInt8], sealedKey: [UInt8], header: [UInt8]
    ) throws(Faults) -> SecretBytes? {
        try storing { () throws(CryptographyError) in
            do throws(CryptographyError) {
                return try signing.decrypt(sealedKey).withSpan { key throws(CryptographyError) in
                    try SealedBox.open(box, key: key, header: header)
                }
            } catch {
                switch error {
                case .notAuthentic, .wrongLength: return nil
                default: throw error
                }
            }
        }
    }
}
