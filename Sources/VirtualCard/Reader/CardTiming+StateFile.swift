import ByteText

/// A card that is slow in whatever reader it lies: before the card's own bytes its state file has the magic `SSVT`, the bits a second
/// and the microseconds of a memory write, four bytes each.
extension CardTiming {
    private static let magic: [UInt8] = Array("SSVT".utf8)
    /// Bytes before those of the card.
    static let encodedLength = 12

    /// The timing that a card's state file states; nil for a card that takes no time of its own.
    public init?(stateFile path: String) throws(StateFileError) {
        let file = StateFile(path: path)
        _ = try file.readBytes()
        guard let timing = file.timing else { return nil }
        self = timing
    }

    /// States the timing in a card's state file, in the place of another that may be there.
    public func write(toStateFile path: String) throws(StateFileError) {
        let file = StateFile(path: path)
        let card = try file.readBytes()
        file.timing = self
        try file.write(card, durably: true)
    }

    var encoded: [UInt8] {
        let (seconds, attoseconds) = memoryWrite.components
        let microseconds = min(seconds, 4_000) * 1_000_000 + attoseconds / 1_000_000_000_000
        return Self.magic + UInt32(clamping: baudRate).bigEndianBytes + UInt32(clamping: microseconds).bigEndianBytes
    }

    /// The timing with which a state file begins; nil where the card's own bytes begin at once.
    init?(beginning bytes: [UInt8]) {
        guard bytes.starts(with: Self.magic) else { return nil }
        var reader = ByteReader(Array(bytes.dropFirst(Self.magic.count)))
        guard let baudRate = try? reader.takeInteger(UInt32.self),
            let microseconds = try? reader.takeInteger(UInt32.self)
        else { return nil }
        self.init(baudRate: Int(baudRate), memoryWrite: .microseconds(Int(microseconds)))
    }
}
