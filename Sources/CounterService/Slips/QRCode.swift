/// 二维码: a QR code of bytes (ISO/IEC 18004), versions 1 to 6 with error correction M, which is all that a slip needs.
///
/// A slip carries no more than its event's name and hash; larger versions would need further patterns, which are not here.
struct QRCode: Hashable, Sendable {
    /// What a version holds: its check codewords for each block, its blocks, its codewords, its alignment pattern's place.
    struct Version: Sendable {
        let number: Int
        let checkCount: Int
        let blockCount: Int
        let codewordCount: Int
        let alignment: Int?

        /// How many modules a side has.
        var size: Int { 17 + 4 * number }
        /// How many codewords carry data.
        var dataCount: Int { codewordCount - checkCount * blockCount }
        /// How many bytes go in, beside four bits of mode and eight of length.
        var capacity: Int { dataCount - 2 }

        /// The versions in order, for error correction M.
        static let all = [
            Version(number: 1, checkCount: 10, blockCount: 1, codewordCount: 26, alignment: nil),
            Version(number: 2, checkCount: 16, blockCount: 1, codewordCount: 44, alignment: 18),
            Version(number: 3, checkCount: 26, blockCount: 1, codewordCount: 70, alignment: 22),
            Version(number: 4, checkCount: 18, blockCount: 2, codewordCount: 100, alignment: 26),
            Version(number: 5, checkCount: 24, blockCount: 2, codewordCount: 134, alignment: 30),
            Version(number: 6, checkCount: 16, blockCount: 4, codewordCount: 172, alignment: 34),
        ]
    }

    /// Row by row from the top, true where it is dark.
    let modules: [[Bool]]

    /// How many modules a side has, without the quiet zone.
    var size: Int { modules.count }

    /// The smallest code that holds the bytes.
    ///
    /// - Parameter mask: the pattern laid over the data; nil takes the one that reads best.
    /// - Returns: nil for more than 106 bytes.
    init?(_ bytes: [UInt8], mask: Int? = nil) {
        guard let version = Version.all.first(where: { bytes.count <= $0.capacity }) else { return nil }
        let codewords = Self.codewords(of: bytes, version)
        let codes = (mask.map { [$0] } ?? Array(0..<8)).map { QRCodeField(version, codewords, mask: $0) }
        guard let best = codes.min(by: { $0.penalty < $1.penalty }) else { return nil }
        modules = best.rows
    }

    /// Mode, length, bytes and filling, then block by block the check codewords; the blocks run side by side.
    static func codewords(of bytes: [UInt8], _ version: Version) -> [UInt8] {
        // The mode takes half a byte, so everything after it is shifted by one.
        let length = UInt8(truncatingIfNeeded: bytes.count)
        var data = [0x40 | length >> 4]
        var carry = length << 4
        for byte in bytes {
            data.append(carry | byte >> 4)
            carry = byte << 4
        }
        // The lower half of the last byte is the terminator.
        data.append(carry)
        var filling: UInt8 = 0xEC
        while data.count < version.dataCount {
            data.append(filling)
            filling ^= 0xEC ^ 0x11
        }
        let blocks = blocks(of: data, version.blockCount)
        let checks = blocks.map { ReedSolomon.remainder(of: $0, degree: version.checkCount) }
        return interleaved(blocks) + interleaved(checks)
    }

    /// The data in blocks; the last ones are one longer where it does not divide.
    private static func blocks(of data: [UInt8], _ count: Int) -> [ArraySlice<UInt8>] {
        let short = data.count / count
        let longCount = data.count % count
        var start = 0
        return (0..<count).map { number in
            let end = start + short + (number >= count - longCount ? 1 : 0)
            defer { start = end }
            return data[start..<end]
        }
    }

    private static func interleaved(_ blocks: [some RandomAccessCollection<UInt8>]) -> [UInt8] {
        let longest = blocks.map(\.count).max() ?? 0
        return (0..<longest).flatMap { place in
            blocks.compactMap { block in
                place < block.count ? block[block.index(block.startIndex, offsetBy: place)] : nil
            }
        }
    }
}
