/// What a token must refuse to do with a master that may not leave it, each tried on a throw-away key at start.
public enum TokenProbe: String, Hashable, Sendable, CaseIterable {
    /// Reading the value of a sensitive master.
    case masterRead = "master-read"
    /// Copying a master into a key that may be taken out.
    case masterMadeExtractable = "master-made-extractable"
    /// Copying a master into a key that may be read.
    case masterMadeReadable = "master-made-readable"
    /// Wrapping a master that may not be taken out under a key of the caller's.
    case masterWrapped = "master-wrapped"
    /// Enciphering with a master that may only derive: the caller would get card keys as cipher text.
    case derivingMasterEncrypts = "deriving-master-encrypts"
    /// Reading a key derived from a master that may not be taken out: attributes do not travel down the derivation.
    case derivedKeyRead = "derived-key-read"

    /// What the token did.
    public enum Outcome: String, Hashable, Sendable {
        /// It refused, as it should.
        case refused
        /// It did it.
        case done
        /// It lacks what the trial needs.
        case untried
    }
}

extension [TokenProbe: TokenProbe.Outcome] {
    func write(to writer: ModuleWriter) {
        writer.put(count: count)
        for (probe, outcome) in self {
            writer.put(probe.rawValue)
            writer.put(outcome.rawValue)
        }
    }

    init(from reader: ModuleReader) throws(TokenFailure) {
        self = [:]
        for _ in 0..<(try reader.count()) {
            guard let probe = TokenProbe(rawValue: try reader.text()),
                let outcome = TokenProbe.Outcome(rawValue: try reader.text())
            else { throw .malformedMessage }
            self[probe] = outcome
        }
    }
}
