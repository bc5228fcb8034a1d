import ByteText
public import CardLayout
public import ISO7816

/// The fixed commands that all card operating systems share (cos-dialects §6), as far as they can be written down before a card
/// is there.
///
/// How files and keys are created stands in the profile's own commands.
public struct CardCommands: Sendable {
    /// The card operating system the commands are for.
    public let profile: COSProfile

    /// Commands for cards of a profile.
    public init(profile: COSProfile) { self.profile = profile }

    // MARK: - Selecting and reading

    /// SELECT the master file, or the issuer's security domain that stands in its place.
    public func selectMasterFile() throws(CommandAPDU.Malformed) -> CommandAPDU {
        if let domain = profile.globalPlatform { return try select(name: domain.securityDomain) }
        return try select(identifier: 0x3F00)
    }

    /// SELECT a file by its identifier.
    public func select(identifier: UInt16) throws(CommandAPDU.Malformed) -> CommandAPDU {
        try CommandAPDU(0x00, 0xA4, 0x00, 0x00, data: identifier.bigEndianBytes)
    }

    /// SELECT a directory by its name (AID or DDF name).
    public func select(name: [UInt8]) throws(CommandAPDU.Malformed) -> CommandAPDU {
        try CommandAPDU(0x00, 0xA4, 0x04, 0x00, data: name)
    }

    /// SELECT a directory by its identifier, or the application that stands in its place by its name.
    public func select(_ directory: CompiledDirectory) throws(CommandAPDU.Malformed) -> CommandAPDU {
        guard profile.globalPlatform != nil, let name = directory.directory.flatMap(profile.selectionName) else {
            return try select(identifier: directory.identifier)
        }
        return try select(name: name)
    }

    /// READ RECORD by number, 1 first; `length` is the record's own, 0 for an unknown one.
    public func readRecord(_ number: Int, of file: ElementaryFile, length: Int) -> CommandAPDU {
        CommandAPDU(
            0x00, 0xB2, UInt8(truncatingIfNeeded: number), file.shortIdentifier << 3 | 0b100,
            le: UInt8(truncatingIfNeeded: length))
    }

    /// READ RECORD by tag.
    public func readRecord(tag: UInt8, of file: ElementaryFile, length: Int) -> CommandAPDU {
        CommandAPDU(0x00, 0xB2, tag, file.shortIdentifier << 3, le: UInt8(truncatingIfNeeded: length))
    }

    /// READ BINARY; offsets beyond 255 need the file selected before.
    public func readBinary(offset: Int, of file: ElementaryFile, length: Int) -> CommandAPDU {
        if offset <= 0xFF {
            return CommandAPDU(
                0x00, 0xB0, 0x80 | file.shortIdentifier, UInt8(offset), le: UInt8(truncatingIfNeeded: length))
        }
        return CommandAPDU(
            0x00, 0xB0, UInt8(truncatingIfNeeded: offset >> 8) & 0x7F, UInt8(truncatingIfNeeded: offset),
            le: UInt8(truncatingIfNeeded: length))
    }

    /// GET CHALLENGE of 4, 8 or 16 bytes.
    public func getChallenge(_ count: Int) -> CommandAPDU {
        CommandAPDU(0x00, 0x84, 0x00, 0x00, le: UInt8(truncatingIfNeeded: count))
    }

    // MARK: - Writing

    /// UPDATE RECORD by number with a record of the old one's length.
    public func updateRecord(
        _ number: Int, of file: ElementaryFile, _ record: [UInt8]
    ) throws(CommandAPDU.Malformed) -> CommandAPDU {
        try profile.recordUpdate(number, of: file, record)
    }

    /// A new row of a cyclic file: it becomes record 1.
    public func appendCyclic(
        to file: ElementaryFile, _ record: [UInt8]
    ) throws(CommandAPDU.Malformed) -> CommandAPDU {
        try profile.rowAppending(to: file, record)
    }

    /// APPEND RECORD; `number` is the one it gets.
    public func appendRecord(
        _ number: Int, to file: ElementaryFile, _ record: [UInt8]
    ) throws(CommandAPDU.Malformed) -> CommandAPDU {
        try profile.recordAppending(number, to: file, record)
    }

    /// UPDATE BINARY; offsets beyond 255 need the file selected before.
    public func updateBinary(
        offset: Int, of shortIdentifier: UInt8, _ bytes: [UInt8]
    ) throws(CommandAPDU.Malformed) -> CommandAPDU {
        if offset <= 0xFF {
            return try CommandAPDU(0x00, 0xD6, 0x80 | shortIdentifier, UInt8(offset), data: bytes)
        }
        return try CommandAPDU(
            0x00, 0xD6, UInt8(truncatingIfNeeded: offset >> 8) & 0x7F, UInt8(truncatingIfNeeded: offset), data: bytes)
    }
}
