import Glibc

/// One open conversion of the C library between two named encodings; closed when it goes away.
struct CharacterConversion: ~Copyable {
    private let descriptor: iconv_t

    /// Opens a conversion; nil when the C library does not know it.
    init?(from source: String, to target: String) {
        guard let opened = iconv_open(target, source), Int(bitPattern: opened) != -1 else { return nil }
        descriptor = opened
    }

    deinit { iconv_close(descriptor) }

    /// Converts one character; nil when the source bytes are no whole character or the target has none for it.
    func convert(_ bytes: [UInt8]) -> [UInt8]? {
        iconv(descriptor, nil, nil, nil, nil)
        var source = bytes.map { CChar(bitPattern: $0) }
        var target = [CChar](repeating: 0, count: 8)
        var (sourceLeft, targetLeft) = (source.count, target.count)
        let result = source.withUnsafeMutableBufferPointer { source in
            target.withUnsafeMutableBufferPointer { target in
                var (from, to) = (source.baseAddress, target.baseAddress)
                return iconv(descriptor, &from, &sourceLeft, &to, &targetLeft)
            }
        }
        guard result != -1, sourceLeft == 0 else { return nil }
        return target.dropLast(targetLeft).map { UInt8(bitPattern: $0) }
    }
}
