import ByteText
import CardCryptography

extension Event {
    /// The event's bytes.
    public var encoded: [UInt8] {
        var bytes = head(signatureAlgorithm: signature.algorithm, signatureLength: signature.bytes.count)
        bytes += signature.bytes
        return bytes
    }

    /// What a signature of this algorithm and length covers: every byte before it, so that neither can be changed.
    public func bytesToSign(algorithm: UInt8, signatureLength: Int) -> [UInt8] {
        head(signatureAlgorithm: algorithm, signatureLength: signatureLength)
    }

    private func head(signatureAlgorithm: UInt8, signatureLength: Int) -> [UInt8] {
        let following = Self.fixedLength + body.count + signatureLength
        var bytes: [UInt8] = []
        bytes.reserveCapacity(8 + following)
        bytes += Self.magic
        bytes.append(bigEndian: UInt32(truncatingIfNeeded: following))
        bytes.append(bigEndian: identifier.counter)
        bytes.append(bigEndian: identifier.sequence)
        bytes += previous.bytes
        bytes.append(bigEndian: epochSeen)
        bytes.append(bigEndian: hybridTime)
        bytes.append(bigEndian: wallMilliseconds)
        bytes.append(bigEndian: clockErrorMilliseconds)
        bytes.append(bigEndian: officer)
        bytes.append(bigEndian: secondPerson)
        if let card { bytes += card.bytes } else { bytes += repeatElement(0, count: 16) }
        bytes.append(bigEndian: seen)
        bytes.append(bigEndian: kind)
        bytes.append(bigEndian: slip)
        bytes.append(bigEndian: UInt32(truncatingIfNeeded: body.count))
        bytes += body
        bytes.append(signatureAlgorithm)
        bytes.append(bigEndian: UInt16(truncatingIfNeeded: signatureLength))
        return bytes
    }

    /// The bytes after the length field without body and signature.
    private static let fixedLength = 16 + 32 + 8 * 3 + 4 + 8 * 2 + 16 + 8 + 2 + 8 + 4 + 1 + 2

    /// Reads one event from exactly these bytes.
    ///
    /// Throws ``EventFormatError`` for a wrong magic, a length over ``lengthLimit``, bytes missing or left over, and a
    /// signature that does not fit its algorithm.
    public init(encoded bytes: [UInt8]) throws(EventFormatError) {
        guard bytes.count <= Self.lengthLimit else { throw .tooLong(bytes.count) }
        guard bytes.starts(with: Self.magic) else { throw bytes.count < 4 ? .truncated : .magic }
        var reader = ByteReader(bytes)
        do {
            _ = try reader.take(4)
            let length = Int(try reader.takeInteger(UInt32.self))
            if length > Self.lengthLimit { throw EventFormatError.tooLong(length) }
            if length > reader.remaining { throw EventFormatError.truncated }
            if length < reader.remaining { throw EventFormatError.trailingBytes(reader.remaining - length) }
            self = try Event(fieldsFrom: &reader)
        } catch let error as EventFormatError {
            throw error
        } catch {
            throw .truncated
        }
        if reader.remaining > 0 { throw .trailingBytes(reader.remaining) }
    }

    private init(fieldsFrom reader: inout ByteReader) throws {
        identifier = try EventIdentifier(reading: &reader)
        guard let hash = EventHash(bytes: try reader.take(32)) else { throw EventFormatError.truncated }
        previous = hash
        epochSeen = try reader.takeInteger()
        hybridTime = try reader.takeInteger()
        wallMilliseconds = try reader.takeInteger()
        clockErrorMilliseconds = try reader.takeInteger()
        officer = try reader.takeInteger()
        secondPerson = try reader.takeInteger()
        card = CardReference(bytes: try reader.take(16))
        seen = try reader.takeInteger()
        kind = try reader.takeInteger()
        slip = try reader.takeInteger()
        body = try reader.take(Int(try reader.takeInteger(UInt32.self)))
        let algorithm: UInt8 = try reader.takeInteger()
        let signatureBytes = try reader.take(Int(try reader.takeInteger(UInt16.self)))
        guard let found = EventSignature(algorithm: algorithm, bytes: signatureBytes) else {
            throw EventFormatError.signatureForm(algorithm)
        }
        signature = found
    }
}
