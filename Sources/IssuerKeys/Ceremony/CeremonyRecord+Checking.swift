import CardCryptography
public import CardData

extension CeremonyRecord {
    /// Checks everything that a record says against everything else in it: people, order, chain, signatures, check values.
    ///
    /// Throws `transcript.opening`, `transcript.order`, `transcript.time`, `transcript.chain`, `transcript.signature`,
    /// `transcript.equal-components`, each for the first entry that is not right.
    public func check() throws(Faults) {
        guard opening.faults.isEmpty else {
            throw Faults("transcript.opening", ["reason": opening.faults.map(\.code.rawValue).joined(separator: " ")])
        }
        guard commitments.count <= opening.custodians.count else {
            throw Faults("transcript.order", ["entry": String(commitments.count)])
        }
        var record = CeremonyRecord(opening: opening, commitments: [], outcome: nil)
        var time = opening.time
        for (index, commitment) in commitments.enumerated() {
            let entry = String(index + 1)
            guard commitment.custodian == opening.custodians[index].number else {
                throw Faults("transcript.order", ["entry": entry])
            }
            guard commitment.time >= time else { throw Faults("transcript.time", ["entry": entry]) }
            guard try commitment.previous == record.head else { throw Faults("transcript.chain", ["entry": entry]) }
            try Self.check(commitment.signature, of: commitment.signedBytes, by: opening.custodians[index])
            guard Self.isComponentValue(commitment.checkValue) else {
                throw Faults("transcript.chain", ["entry": entry])
            }
            guard !record.commitments.contains(where: { $0.checkValue == commitment.checkValue }) else {
                throw Faults("transcript.equal-components", ["entry": entry])
            }
            record.commitments.append(commitment)
            time = commitment.time
        }
        guard let outcome else { return }
        guard commitments.count == opening.custodians.count,
            outcome.signatures.count == opening.custodians.count
        else { throw Faults("transcript.order", ["entry": "outcome"]) }
        guard outcome.time >= time else { throw Faults("transcript.time", ["entry": "outcome"]) }
        guard try outcome.previous == record.head else { throw Faults("transcript.chain", ["entry": "outcome"]) }
        for (custodian, signature) in zip(opening.custodians, outcome.signatures) {
            try Self.check(signature, of: outcome.signedBytes, by: custodian)
        }
    }

    private static func isComponentValue(_ value: KeyCheckValue) -> Bool {
        value.method == .encryptedZeros && value.bytes.count == 3
    }

    private static func check(_ signature: [UInt8], of bytes: [UInt8], by custodian: Custodian) throws(Faults) {
        guard try custodian.hasSigned(bytes, signature) else {
            throw Faults("transcript.signature", ["number": String(custodian.number), "name": custodian.name])
        }
    }
}
