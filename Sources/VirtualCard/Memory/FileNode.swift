/// An elementary file in the virtual card's memory.
final class FileNode {
    /// The kinds of elementary file an FMCOS card creates, by type byte without protection bits.
    enum Kind: UInt8 {
        case transparent = 0x28
        case fixedRecord = 0x2A
        case variableRecord = 0x2C
        case cyclic = 0x2E
        case wallet = 0x2F
    }

    let identifier: UInt16
    let kind: Kind
    /// Bits 8 and 7 of the type byte: writes must carry a MAC, or cipher and MAC.
    let protection: UInt8
    /// Bytes of transparent and variable files; the number of records of fixed and cyclic ones.
    let capacity: Int
    /// The record length of fixed and cyclic files.
    let recordLength: Int
    let readRight: UInt8
    let writeRight: UInt8
    let control: UInt8
    /// Read rights of single record tags, a social-security addition of the COS.
    let recordRights: [UInt8: UInt8]
    var bytes: [UInt8] = []
    /// False until the first write; reading before it warns with 6281.
    var isWritten = false
    var records: [[UInt8]] = []

    init(
        identifier: UInt16, kind: Kind, protection: UInt8, capacity: Int, recordLength: Int, readRight: UInt8,
        writeRight: UInt8, control: UInt8, recordRights: [UInt8: UInt8]
    ) {
        self.identifier = identifier
        self.kind = kind
        self.protection = protection
        self.capacity = capacity
        self.recordLength = recordLength
        self.readRight = readRight
        self.writeRight = writeRight
        self.control = control
        self.recordRights = recordRights
        switch kind {
        case .transparent: bytes = Array(repeating: 0xFF, count: capacity)
        case .wallet: bytes = Array(repeating: 0x00, count: capacity)
        case .fixedRecord, .variableRecord, .cyclic: break
        }
    }

    /// True when reading or writing may come under protection.
    var isLineProtected: Bool { protection != 0 || mustBeReadProtected }
    /// True when data is enciphered too; bit 7 alone counts like both (cos-dialects §3.1).
    var isEnciphered: Bool { protection & 0x40 != 0 }
    /// Control byte, b8 clear: reading in plain is refused (cos-dialects §3.3).
    var mustBeReadProtected: Bool { control & 0x80 == 0 }
    /// The identifier of the key for protected reading: control byte b4–b3, counted down from 11.
    var readKey: UInt8 { 3 - (control >> 2 & 0x03) }
    /// The identifier of the key for protected writing: control byte b2–b1, counted down from 11.
    var writeKey: UInt8 { 3 - (control & 0x03) }

    var shortIdentifier: UInt8 { UInt8(identifier & 0x1F) }

    /// The space the file's body takes (cos-dialects §2.1).
    var bodySize: Int {
        switch kind {
        case .transparent, .variableRecord, .wallet: capacity
        case .fixedRecord, .cyclic: capacity * (recordLength + 1)
        }
    }
}
