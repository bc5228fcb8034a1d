public import CardCryptography
import CardData

extension CompiledFile {
    /// The line protection of a file with everything that creating and using it takes.
    public struct Protection: Hashable, Sendable {
        /// What is done to the data of protected commands.
        public let mode: LineProtection.Mode
        /// True when the file can be read under protection only.
        public let isReadProtected: Bool
        /// The protecting key's name in the hierarchy.
        public let keyName: String
        /// Its identifier among the directory's line-protection keys (type 36): 00 to 03.
        public let keyIdentifier: UInt8

        /// What the type byte has beside the structure: bit 8 for a MAC, bits 8 and 7 for both (cos-dialects §3.1).
        func typeBits(_ profile: COSProfile) -> UInt8 {
            mode == .mac ? 0x80 : profile.secureMessaging.encipheredFileBits
        }

        /// Plain reading b8, 111, then the keys of reading and writing, each counted down from 11 (cos-dialects §3.3).
        var controlByte: UInt8 {
            let key = 0x03 - keyIdentifier
            return (isReadProtected ? 0x70 : 0xF0) | key << 2 | key
        }
    }

    /// The control byte of a file without protection: plain reading, key 00.
    static let plainControlByte: UInt8 = 0xFF

    /// The most bytes that one command writes to the file.
    ///
    /// - Parameter limit: the most data bytes that card system and reader take in one command.
    public func largestWrite(_ profile: COSProfile, within limit: Int) -> Int {
        guard let protection else { return min(limit, profile.largestBinaryPiece) }
        let most = profile.lineProtection(protection.mode).largestPlain(within: limit, cipher: profile.cipher)
        return min(most, profile.largestBinaryPiece)
    }

    /// The most bytes that one command reads of the file.
    public func largestRead(_ profile: COSProfile) -> Int {
        guard let protection, protection.isReadProtected else { return profile.largestAnswerData }
        // What the card's limit counts is the answer as it travels.
        return profile.lineProtection(protection.mode).largestAnswer(
            within: profile.largestAnswerData, cipher: profile.cipher)
    }

    /// Throws `layout.protection-not-expressible` and `layout.protection-key`.
    static func protection(
        of file: ElementaryFile, in security: DirectorySecurity, profile: COSProfile
    ) throws(Faults) -> Protection? {
        guard let wanted = file.protection else { return nil }
        guard profile.secureMessaging.files == .typeBits else {
            throw Faults(
                "layout.protection-not-expressible", ["file": file.name, "profile": profile.name], at: wanted.place)
        }
        let record = security.keys.first { $0.type == 0x36 && $0.name == wanted.keyName && $0.identifier <= 0x03 }
        guard let record else {
            throw Faults(
                "layout.protection-key", ["file": file.name, "key": wanted.keyName, "profile": profile.name],
                at: wanted.place)
        }
        return Protection(
            mode: wanted.mode.line, isReadProtected: wanted.reading == .protected, keyName: record.name,
            keyIdentifier: record.identifier)
    }
}
