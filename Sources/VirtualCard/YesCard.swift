/// A card that answers 9000 to everything, as a few real ones do: a program that only looks at status words takes it for a card
/// it knows (OpenSC took one for a "MuscleApplet").
///
/// Its state file holds the magic `SSVY` and the answer to reset.
public final class YesCard: VirtualReaderCard {
    private static let magic = Array("SSVY".utf8)

    /// The answer to reset.
    public let answerToReset: [UInt8]

    /// A card with this answer to reset.
    public init(answerToReset: [UInt8]) { self.answerToReset = answerToReset }

    /// The card of a state file; nil when the file is of another kind.
    public convenience init?(stateFile path: String) throws(StateFileError) {
        let bytes = try StateFile(path: path).readBytes()
        guard bytes.starts(with: Self.magic) else { return nil }
        self.init(answerToReset: Array(bytes.dropFirst(Self.magic.count)))
    }

    /// Writes the state file; an existing file is left alone.
    public func write(stateFile path: String) throws(StateFileError) {
        let file = StateFile(path: path)
        if file.exists { throw .existsAlready(path) }
        try file.write(Self.magic + answerToReset, durably: true)
    }

    /// Nothing to do.
    public func powerOn() {}
    /// Nothing to do.
    public func powerOff() {}
    /// Nothing to do.
    public func reset() {}
    /// 9000.
    public func respond(to command: [UInt8]) -> [UInt8] { [0x90, 0x00] }
    /// Nothing to do.
    public func idle() {}
}
