/// The serial numbers of chips, read and not typed: each 1 to 16 bytes, in rising order, each once, at least one.
public struct ChipSerials: Hashable, Sendable {
    /// One act never moves more: it stays far below the longest event.
    public static let limit = 2000

    /// A day's count has no more pieces of a kind.
    ///
    /// They stand in its event in parts of ``limit``, which stays shorter than the longest event.
    public static let countLimit = 10_000

    /// The serials in rising order.
    public let serials: [[UInt8]]

    /// Takes serials in any order; nil when there is none, one is empty or too long, one comes twice, or they are too many.
    ///
    /// - Parameter most: more are too many; ``countLimit`` where a day is counted.
    public init?(_ serials: [[UInt8]], atMost most: Int = limit) {
        let sorted = serials.sorted { $0.lexicographicallyPrecedes($1) }
        guard !sorted.isEmpty, sorted.count <= most, sorted.allSatisfy({ (1...16).contains($0.count) }),
            zip(sorted, sorted.dropFirst()).allSatisfy({ $0 != $1 })
        else { return nil }
        self.serials = sorted
    }

    /// The same serials in parts that one field of an event holds.
    var parts: [ChipSerials] {
        stride(from: 0, to: serials.count, by: Self.limit).compactMap {
            ChipSerials(Array(serials[$0..<min($0 + Self.limit, serials.count)]))
        }
    }

    /// Length and bytes of each.
    var encoded: [UInt8] { serials.flatMap { [UInt8($0.count)] + $0 } }

    /// Reads what ``encoded`` gives; nil for anything else.
    init?(encoded: [UInt8]) {
        var serials: [[UInt8]] = []
        var rest = encoded[...]
        while let count = rest.first {
            guard rest.count > Int(count) else { return nil }
            serials.append(Array(rest.dropFirst().prefix(Int(count))))
            rest = rest.dropFirst(Int(count) + 1)
        }
        self.init(serials)
        guard self.serials == serials else { return nil }
    }
}

extension ChipSerials {
    /// Where in a serial the chip's own number begins, which people compare.
    ///
    /// Of the thirteen historical bytes of a social security card these are the last six (card.md §2.7); any other serial is compared as a
    /// whole.
    public static func ownNumberStart(of serial: [UInt8]) -> Int { serial.count == 13 ? 7 : 0 }

    /// Whether two serials of different lengths name one chip: one of them is the own number of the other, without what tells its kind.
    public static func nameOneChip(_ one: [UInt8], _ other: [UInt8]) -> Bool {
        let (long, short) = one.count > other.count ? (one, other) : (other, one)
        let start = ownNumberStart(of: long)
        return start > 0 && Array(long[start...]) == short
    }
}
