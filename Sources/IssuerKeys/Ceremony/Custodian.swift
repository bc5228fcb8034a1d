import ByteText
import CardCryptography
public import CardData

/// A person who keeps a part of the issuer's keys, as everybody may know them: number, name and public key.
public struct Custodian: Hashable, Sendable {
    /// The number they have in the house.
    public let number: UInt64
    /// Their name.
    public let name: String
    /// Their SM2 public key, 04 ‖ x ‖ y.
    public let point: [UInt8]

    /// A custodian from their parts.
    ///
    /// Throws `custodian.value` for a number of zero, a name that is none, or a key that is no point of the curve.
    public init(number: UInt64, name: String, point: [UInt8]) throws(Faults) {
        guard number > 0 else { throw Faults("custodian.value", ["field": "number"]) }
        guard RecordText.isValid(name) else { throw Faults("custodian.value", ["field": "name"]) }
        guard (try? SM2.VerificationKey(point: point)) != nil else {
            throw Faults("custodian.value", ["field": "publicKey"])
        }
        self.number = number
        self.name = name
        self.point = point
    }

    /// Eight bytes of the SM3 of the public key, to be read aloud and compared.
    public var fingerprint: String {
        get throws(Faults) {
            try storing { () throws(CryptographyError) in Array(try HashFunction.sm3.hash(point).prefix(8)) }
                .hexadecimal
        }
    }

    /// Whether a signature (r ‖ s) over these bytes is theirs, under SM2's default identifier.
    func hasSigned(_ bytes: [UInt8], _ signature: [UInt8]) throws(Faults) -> Bool {
        try storing { () throws(CryptographyError) in
            try SM2.VerificationKey(point: point).verify(signature, of: bytes, identifier: SM2.defaultIdentifier)
        }
    }
}

extension Custodian {
    var json: RecordJSON {
        .object([
            ("number", .number(number)), ("name", .text(name)), ("publicKey", .text(point.hexadecimal)),
        ])
    }

    init(_ node: YAMLNode) throws(Faults) {
        try node.checkKeys(["number", "name", "publicKey"])
        try self.init(
            number: node.value("number", UInt64.init), name: node.required("name").string,
            point: node.bytes("publicKey", count: 65))
    }
}
