import Personalization

extension JournalContent {
    private static let note = "block"

    /// The note that a journal keeps of the largest block its plan was made for, so that the same plan is made again in another reader.
    static func notes(ofBlock largestBlock: Int) -> [String: String] { [note: String(largestBlock)] }

    /// The block noted; nil for the profile's own limit.
    var largestBlock: Int? { notes[Self.note].flatMap { Int($0) } }
}
