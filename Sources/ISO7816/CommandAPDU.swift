import ByteText

/// A command to the card in short form (ISO/IEC 7816-4 §5.1); the cards of this project know no extended lengths.
///
/// | case | bytes |
/// |---|---|
/// | 1 | CLA INS P1 P2 |
/// | 2 | CLA INS P1 P2 Le |
/// | 3 | CLA INS P1 P2 Lc data |
/// | 4 | CLA INS P1 P2 Lc data Le |
public struct CommandAPDU: Hashable, Sendable {
    /// Why bytes are not a command, or a command cannot be built.
    public enum Malformed: Error, Hashable, Sendable {
        /// Fewer than the four header bytes.
        case tooShort(Int)
        /// Lc does not agree with the number of bytes that follow.
        case lengthMismatch
        /// More than 255 data bytes.
        case dataTooLong(Int)
        /// Le outside 1…256.
        case expectedLengthOutOfRange(Int)
        /// A number that does not fit into its place in the command.
        case numberTooLarge(Int)
    }

    /// Class byte.
    public let cla: UInt8
    /// Instruction byte.
    public let ins: UInt8
    /// First parameter.
    public let p1: UInt8
    /// Second parameter.
    public let p2: UInt8
    /// The command's data, at most 255 bytes.
    public let data: [UInt8]
    /// Le: how many bytes are expected, 1…256 (256 is sent as 00); nil when no Le is sent.
    public let expectedLength: Int?

    /// A command with data and expected length; throws on lengths that short form cannot carry.
    public init(
        _ cla: UInt8, _ ins: UInt8, _ p1: UInt8, _ p2: UInt8, data: [UInt8] = [], expectedLength: Int? = nil
    ) throws(Malformed) {
        guard data.count <= 255 else { throw .dataTooLong(data.count) }
        if let expectedLength {
            guard (1...256).contains(expectedLength) else { throw .expectedLengthOutOfRange(expectedLength) }
        }
        self.cla = cla
        self.ins = ins
        self.p1 = p1
        self.p2 = p2
        self.data = data
        self.expectedLength = expectedLength
    }

    /// A command without data; an Le byte of 00 asks for 256.
    public init(_ cla: UInt8, _ ins: UInt8, _ p1: UInt8, _ p2: UInt8, le: UInt8? = nil) {
        self.cla = cla
        self.ins = ins
        self.p1 = p1
        self.p2 = p2
        data = []
        expectedLength = le.map { $0 == 0 ? 256 : Int($0) }
    }

    /// Reads a command from its bytes; a lone Lc of 00 is taken for an Le of 256, as case 2 has it.
    public init(bytes: [UInt8]) throws(Malformed) {
        guard bytes.count >= 4 else { throw .tooShort(bytes.count) }
        guard bytes.count > 5 else {
            self.init(bytes[0], bytes[1], bytes[2], bytes[3], le: bytes.count == 5 ? bytes[4] : nil)
            return
        }
        let length = Int(bytes[4])
        let rest = bytes.count - 5
        guard length > 0, rest == length || rest == length + 1 else { throw .lengthMismatch }
        let le = rest == length + 1 ? bytes.last.map { $0 == 0 ? 256 : Int($0) } : nil
        try self.init(
            bytes[0], bytes[1], bytes[2], bytes[3], data: Array(bytes[5..<5 + length]), expectedLength: le)
    }

    /// CLA INS P1 P2.
    public var header: [UInt8] { [cla, ins, p1, p2] }

    /// The command as it is sent.
    public var bytes: [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(6 + data.count)
        bytes.append(cla)
        bytes.append(ins)
        bytes.append(p1)
        bytes.append(p2)
        if !data.isEmpty {
            bytes.append(UInt8(data.count))
            bytes.append(contentsOf: data)
        }
        if let expectedLength { bytes.append(UInt8(truncatingIfNeeded: expectedLength)) }
        return bytes
    }

    /// The same command with another expected length, as 6Cxx asks for.
    public func expecting(_ length: Int) -> CommandAPDU {
        CommandAPDU(header: self, data: data, expectedLength: min(max(length, 1), 256))
    }

    /// The same command without an Le byte, as T=0 sends case 4.
    public var withoutExpectedLength: CommandAPDU { CommandAPDU(header: self, data: data, expectedLength: nil) }

    private init(header: CommandAPDU, data: [UInt8], expectedLength: Int?) {
        cla = header.cla
        ins = header.ins
        p1 = header.p1
        p2 = header.p2
        self.data = data
        self.expectedLength = expectedLength
    }
}
