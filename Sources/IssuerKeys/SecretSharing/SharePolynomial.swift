import CardCryptography

/// A secret's bytes, shared by all who hold the points of one polynomial, and wiped when the last of them is gone.
final class ShareValue: Sendable {
    let bytes: SecretBytes

    init(_ bytes: consuming SecretBytes) { self.bytes = bytes }
}

extension ShareValue: CustomStringConvertible, CustomReflectable {
    /// `share` and nothing of it.
    var description: String { "share" }
    /// Nothing to see for `dump` and debuggers.
    var customMirror: Mirror { Mirror(self, children: []) }
}

/// Polynomials over ``ShareField``, one for each byte of the secret (Shamir's scheme as SLIP-0039 lays it out).
enum SharePolynomial {
    /// A point of all polynomials.
    struct Point: Sendable {
        let x: UInt8
        let value: ShareValue
    }

    /// Where the secret lies.
    static let secretAbscissa: UInt8 = 255
    /// Where its digest and random bytes lie.
    static let digestAbscissa: UInt8 = 254
    private static let digestLength = 4

    /// The value at `x` of the polynomials of lowest degree through points of distinct abscissae and one length (Lagrange).
    static func value(at x: UInt8, through points: [Point]) -> ShareValue {
        let weights = points.indices.map { index in
            points.indices.filter { $0 != index }.reduce(UInt8(1)) { weight, other in
                let step = ShareField.inverse(points[index].x ^ points[other].x)
                return ShareField.product(weight, ShareField.product(x ^ points[other].x, step))
            }
        }
        let count = points.first?.value.bytes.count ?? 0
        return ShareValue(
            SecretBytes.filling(count: count) { sum in
                for (point, weight) in zip(points, weights) {
                    point.value.bytes.withSpan { bytes in
                        for index in bytes.indices { sum[index] ^= ShareField.product(weight, bytes[index]) }
                    }
                }
            })
    }

    /// The points of a secret's shares 0, 1, … `count` − 1, of which any `threshold` give it back.
    static func split(
        _ secret: ShareValue, threshold: Int, count: Int, random: RandomSource
    ) throws(CryptographyError) -> [Point] {
        guard threshold > 1 else { return (0..<count).map { Point(x: UInt8($0), value: secret) } }
        var free: [Point] = []
        for number in 0..<threshold - 2 {
            free.append(Point(x: UInt8(number), value: ShareValue(try random(secret.bytes.count))))
        }
        let noise = try random(secret.bytes.count - digestLength)
        let digest = try digest(of: secret, noise: noise)
        let digestPoint = SecretBytes.filling(count: secret.bytes.count) { span in
            for index in digest.indices { span[index] = digest[index] }
            noise.withSpan { noise in
                for index in noise.indices { span[digestLength + index] = noise[index] }
            }
        }
        let base =
            free + [
                Point(x: digestAbscissa, value: ShareValue(digestPoint)), Point(x: secretAbscissa, value: secret),
            ]
        return free
            + (free.count..<count).map { Point(x: UInt8($0), value: value(at: UInt8($0), through: base)) }
    }

    /// The secret of at least `threshold` points; nil when they do not lie together.
    static func secret(of points: [Point], threshold: Int) throws(CryptographyError) -> ShareValue? {
        guard threshold > 1 else { return points.first?.value }
        let base = Array(points.prefix(threshold))
        for point in points.dropFirst(threshold) {
            guard value(at: point.x, through: base).bytes.isEqual(to: point.value.bytes) else { return nil }
        }
        let secret = value(at: secretAbscissa, through: base)
        let check = value(at: digestAbscissa, through: base)
        let noise = check.bytes.withSpan { SecretBytes(copying: $0.extracting(digestLength..<$0.count)) }
        let digest = try digest(of: secret, noise: noise)
        let found = check.bytes.withSpan { span in (0..<digestLength).map { span[$0] } }
        return constantTimeEqual(digest, found) ? secret : nil
    }

    private static func digest(
        of secret: ShareValue, noise: borrowing SecretBytes
    ) throws(CryptographyError) -> [UInt8] {
        let code = try noise.withSpan { noise throws(CryptographyError) in
            try secret.bytes.withSpan { secret throws(CryptographyError) in
                try HashFunction.sha256.hmac(key: noise, secret)
            }
        }
        return Array(code.prefix(digestLength))
    }
}
