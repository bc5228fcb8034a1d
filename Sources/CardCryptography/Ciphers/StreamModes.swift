/// The three modes that make a stream out of a block cipher (ISO/IEC 10116); a message of any length keeps its length.
extension BlockCipherKey {
    /// Counter mode: the counter, one block, goes up by one a block, most significant byte first.
    ///
    /// Deciphers as well.
    public func counterMode(_ input: [UInt8], counter: [UInt8]) throws(CryptographyError) -> [UInt8] {
        var counter = try block(counter)
        return try stream(input) { () throws(CryptographyError) in
            let mask = try encrypt(counter)
            for index in counter.indices.reversed() {
                counter[index] &+= 1
                if counter[index] != 0 { break }
            }
            return mask
        }
    }

    /// Output feedback: each mask is the one before, enciphered.
    ///
    /// Deciphers as well.
    public func outputFeedback(_ input: [UInt8], initialValue: [UInt8]) throws(CryptographyError) -> [UInt8] {
        var mask = try block(initialValue)
        return try stream(input) { () throws(CryptographyError) in
            mask = try encrypt(mask)
            return mask
        }
    }

    /// Cipher feedback over whole blocks: each mask is the cipher text before, enciphered.
    public func encryptFeedback(_ input: [UInt8], initialValue: [UInt8]) throws(CryptographyError) -> [UInt8] {
        var output: [UInt8] = []
        var previous = try block(initialValue)
        for start in stride(from: 0, to: input.count, by: previous.count) {
            let mask = try encrypt(previous)
            let piece = zip(input[start...], mask).map { $0 ^ $1 }
            output += piece
            if piece.count == previous.count { previous = piece }
        }
        return output
    }

    /// The inverse of ``encryptFeedback(_:initialValue:)``.
    public func decryptFeedback(_ input: [UInt8], initialValue: [UInt8]) throws(CryptographyError) -> [UInt8] {
        var previous = try block(initialValue)
        let length = previous.count
        var start = 0
        return try stream(input) { () throws(CryptographyError) in
            let mask = try encrypt(previous)
            if input.count >= start + length { previous = Array(input[start..<start + length]) }
            start += length
            return mask
        }
    }

    private func block(_ bytes: [UInt8]) throws(CryptographyError) -> [UInt8] {
        guard bytes.count == cipher.blockLength else { throw .wrongLength("initial value", bytes.count) }
        return bytes
    }

    private func stream(
        _ input: [UInt8], _ mask: () throws(CryptographyError) -> [UInt8]
    ) throws(CryptographyError) -> [UInt8] {
        var output: [UInt8] = []
        output.reserveCapacity(input.count)
        while output.count < input.count { output += zip(input[output.count...], try mask()).map { $0 ^ $1 } }
        return output
    }
}
