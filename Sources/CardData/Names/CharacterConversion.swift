import Glibc

/// One open conversion of the C library to UTF-32; closed when it goes away.
struct CharacterConversion: ~Copyable {
    private let descriptor: iconv_t

    /// Opens a conversion; nil when the C library does not know it.
    init?(from source: String) {
        guard let opened = iconv_open("UTF-32BE", source), Int(bitPattern: opened) != -1 else { return nil }
        descriptor = opened
    }

    deinit { iconv_close(descriptor) }

    /// Converts one character of at most four bytes to its code point; the bytes are the low ones of a number, first byte highest.
    ///
    /// Numbers instead of arrays, because a table of 24,000 characters is filled through here at the first use.
    ///
    /// - Returns: nil when the bytes are not one whole character.
    func convert(_ character: UInt32, count: Int) -> UInt32? {
        var source = (character << (32 - 8 * UInt32(count))).bigEndian
        var target: UInt32 = 0
        var (sourceLeft, targetLeft) = (count, 4)
        let result = withUnsafeMutableBytes(of: &source) { source in
            withUnsafeMutableBytes(of: &target) { target in
                var from = source.baseAddress?.assumingMemoryBound(to: CChar.self)
                var to = target.baseAddress?.assumingMemoryBound(to: CChar.self)
                return iconv(descriptor, &from, &sourceLeft, &to, &targetLeft)
            }
        }
        guard result != -1, sourceLeft == 0, targetLeft == 0 else {
            iconv(descriptor, nil, nil, nil, nil)
            return nil
        }
        return UInt32(bigEndian: target)
    }
}
