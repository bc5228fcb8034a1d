public import CardData

/// Why shares do not give a secret, or a secret no shares; nothing was recovered.
public enum SecretSharingError: FaultReporting, Hashable {
    /// A word that is not in the list: which one of the share, from 1.
    case unknownWord(Int)
    /// A share has a number of words that none has.
    case wrongNumberOfWords(Int)
    /// The check words do not fit: a word was misread, or two were swapped.
    case checksum
    /// The share's open fields cannot be those of a share.
    case malformed
    /// The shares come from different secrets or different divisions of it.
    case mixedSets
    /// One share was given twice: its number, from 1.
    case duplicated(Int)
    /// Fewer shares than the threshold.
    case tooFew(needed: Int, given: Int)
    /// The shares do not lie together: one of them is not what was handed out.
    case wrongShare
    /// A threshold and count that make no sharing: 2 of 2 up to 16 of 16.
    case plan(threshold: Int, count: Int)
    /// A secret that cannot be shared: an even number of bytes, at least 16.
    case secretLength(Int)
    /// The word list does not come with the program.
    case noWordList

    /// The fault in the catalogue's terms.
    public var faults: [Fault] {
        switch self {
        case .unknownWord(let place): [Fault("share.unknown-word", ["word": String(place)])]
        case .wrongNumberOfWords(let count): [Fault("share.word-count", ["count": String(count)])]
        case .checksum: [Fault("share.checksum")]
        case .malformed: [Fault("share.malformed")]
        case .mixedSets: [Fault("share.mixed-sets")]
        case .duplicated(let number): [Fault("share.duplicated", ["number": String(number)])]
        case .tooFew(let needed, let given):
            [Fault("share.too-few", ["needed": String(needed), "given": String(given)])]
        case .wrongShare: [Fault("share.wrong")]
        case .plan(let threshold, let count):
            [Fault("share.plan", ["threshold": String(threshold), "count": String(count)])]
        case .secretLength(let count): [Fault("share.secret-length", ["count": String(count)])]
        case .noWordList: [Fault("share.no-word-list")]
        }
    }
}
