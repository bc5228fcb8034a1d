/// What a place asks before it presents a key of the issuer to a card for the first time: whether its books know the card, and who
/// answers for one that they do not know.
///
/// Tries are counted by each place for itself. A card of another place may have one try left, and nobody here knows: it proves itself
/// first where it can, which costs no try.
public struct FirstContact {
    /// Whether the books have the card; asked when a key is about to be presented.
    let isInTheBooks: () -> Bool
    /// The officer who lets keys be presented to a card that cannot prove itself before; nil where nobody does.
    let acceptedBy: UInt64?
    /// Whether the card is played from a record: its answer to a new challenge proves nothing, and is taken for what it was then.
    let isPlayed: Bool

    /// A first contact from its parts.
    public init(acceptedBy: UInt64? = nil, isInTheBooks: @escaping () -> Bool) {
        self.acceptedBy = acceptedBy
        isPlayed = false
        self.isInTheBooks = isInTheBooks
    }

    private init(isPlayed: Bool) {
        self.isPlayed = isPlayed
        acceptedBy = nil
        isInTheBooks = { false }
    }

    /// That of a record that holds a first visit's proof: the proof is played again and shows nothing.
    public static var played: FirstContact { FirstContact(isPlayed: true) }
}
