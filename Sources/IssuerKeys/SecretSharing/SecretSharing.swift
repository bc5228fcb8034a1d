public import CardCryptography
public import CardData

/// Dividing a secret among people, m of n of whom give it back (SLIP-0039).
public enum SecretSharing {
    /// Divides a secret into `count` shares, any `threshold` of which give it back; fewer tell nothing of it.
    ///
    /// Throws `share.plan`, `share.secret-length` and `key-store.cryptography`.
    /// - Parameter secret: An even number of bytes, at least 16.
    public static func split(
        _ secret: borrowing SecretBytes, threshold: Int, count: Int,
        random: RandomSource = { count throws(CryptographyError) in try SecureRandom.secret(count) }
    ) throws(Faults) -> [SecretShare] {
        guard (2...16).contains(count), (2...count).contains(threshold) else {
            throw sharingFaults(.plan(threshold: threshold, count: count))
        }
        guard secret.count >= 16, secret.count.isMultiple(of: 2), secret.count <= 64 else {
            throw sharingFaults(.secretLength(secret.count))
        }
        return try storing { () throws(CryptographyError) in
            let identifier = try random(2).withSpan { UInt16($0[0] & 0x7F) << 8 | UInt16($0[1]) }
            let sharing = SecretShare.Sharing(
                identifier: identifier, isExtendable: true, iterationExponent: 1, groupThreshold: 1, groupCount: 1)
            let sealed = try ShareEncryption.encrypt(secret, sharing)
            return try SharePolynomial.split(sealed, threshold: threshold, count: count, random: random)
                .map { SecretShare(sharing, groupIndex: 0, threshold: threshold, $0) }
        }
    }

    /// The secret of a sharing from at least as many shares as its threshold; more must fit too.
    ///
    /// Throws `share.too-few`, `share.mixed-sets`, `share.duplicated`, `share.wrong` and `key-store.cryptography`.
    /// - Parameter passphrase: Printable ASCII; what we divide has none.
    public static func combine(
        _ shares: [SecretShare], passphrase: [UInt8] = []
    ) throws(Faults) -> SecretBytes {
        guard let sharing = shares.first?.sharing else { throw sharingFaults(.tooFew(needed: 2, given: 0)) }
        let groups = Dictionary(grouping: shares, by: \.groupIndex).sorted { $0.key < $1.key }.map(\.value)
        let isOneSet = shares.allSatisfy {
            $0.sharing == sharing && $0.value.bytes.count == shares[0].value.bytes.count
        }
        guard isOneSet, groups.allSatisfy({ group in group.allSatisfy { $0.threshold == group[0].threshold } }) else {
            throw sharingFaults(.mixedSets)
        }
        for group in groups {
            var seen: Set<Int> = []
            for share in group where !seen.insert(share.number).inserted {
                throw sharingFaults(.duplicated(share.number))
            }
            guard group.count >= group[0].threshold else {
                throw sharingFaults(.tooFew(needed: group[0].threshold, given: group.count))
            }
        }
        guard groups.count >= sharing.groupThreshold else {
            throw sharingFaults(.tooFew(needed: sharing.groupThreshold, given: groups.count))
        }
        var points: [SharePolynomial.Point] = []
        for group in groups {
            let members = group.map { SharePolynomial.Point(x: $0.memberIndex, value: $0.value) }
            let value = try secret(of: members, threshold: group[0].threshold)
            points.append(SharePolynomial.Point(x: UInt8(group[0].groupIndex), value: value))
        }
        let sealed = try secret(of: points, threshold: sharing.groupThreshold)
        return try storing { () throws(CryptographyError) in
            try ShareEncryption.decrypt(sealed, sharing, passphrase: passphrase)
        }
    }

    private static func secret(of points: [SharePolynomial.Point], threshold: Int) throws(Faults) -> ShareValue {
        let value = try storing { () throws(CryptographyError) in
            try SharePolynomial.secret(of: points, threshold: threshold)
        }
        guard let value else { throw sharingFaults(.wrongShare) }
        return value
    }
}

/// A sharing's error as the faults it reports.
func sharingFaults(_ error: SecretSharingError) -> Faults { Faults(error.faults) ?? Faults("share.malformed") }
