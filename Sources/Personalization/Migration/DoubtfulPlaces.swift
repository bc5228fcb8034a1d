import CardLayout

/// What of one file a card warned of (6281), and whether what is to be written there would be the card's own.
struct DoubtfulPlaces {
    /// Numbers of records from 1, or offsets of pieces that were read.
    private let places: [Int]
    /// Bytes of such a piece.
    private let piece: Int
    /// The elements whose value is the card's own, or made of it.
    private let copied: [Element]

    /// - Parameters:
    ///   - places: as ``FileReading/damaged`` has them.
    ///   - piece: the most bytes that were read at a time.
    init(_ places: [Int], pieces piece: Int, copied: [Element]) {
        self.places = places
        self.piece = piece
        self.copied = copied
    }

    /// Those of the places that a record or piece covers.
    func places(in reading: CardPlanner.Reading) -> [Int] {
        if let number = reading.number { return places.filter { $0 == number } }
        return places.filter { $0 < reading.offset + reading.bytes.count && $0 + piece > reading.offset }
    }

    /// Whether what is to be written there is the card's own value.
    func isCopied(_ reading: CardPlanner.Reading) -> Bool {
        reading.number == nil
            ? !copied.isEmpty : copied.contains { $0.tag == reading.bytes.first }
    }

    /// Whether it has to be written even where the card seems to hold it: written anew it is sound again.
    func isToRewrite(_ reading: CardPlanner.Reading) -> Bool { !places(in: reading).isEmpty && !isCopied(reading) }
}
