public import CardData

/// What depends on each key: the state of the move from 3DES to SM4 and from old versions to new ones (密钥台账).
///
/// It shrinks to zero as cards of the old kind end: then the old algorithm, or the old version, can be withdrawn.
public struct KeyLedger: Sendable {
    /// Which keys a card has of one role.
    public struct Edition: Hashable, Sendable, Comparable {
        /// The algorithm.
        public let algorithm: CardAlgorithm
        /// The version.
        public let version: KeyVersion

        /// By algorithm, then by version.
        public static func < (left: Edition, right: Edition) -> Bool {
            (left.algorithm.rawValue, left.version) < (right.algorithm.rawValue, right.version)
        }
    }

    /// How a version stands in its time.
    public enum Time: String, Hashable, Sendable {
        /// No limit is set, or nobody wrote down when it began.
        case unlimited
        /// Well within its time.
        case running
        /// Less than ninety days are left: the next version should be made live.
        case ending
        /// The time is over: it should make no more cards.
        case over
    }

    /// One key with the cards that hold it.
    public struct Row: Hashable, Sendable {
        /// The key.
        public let key: KeyHierarchy.Key
        /// How many cards hold each edition of it.
        public let cards: [Edition: Int]
        /// How its live version stands in its time.
        public let time: Time

        /// How many cards need it in this algorithm.
        public func count(_ algorithm: CardAlgorithm) -> Int {
            cards.reduce(0) { $0 + ($1.key.algorithm == algorithm ? $1.value : 0) }
        }

        /// How many cards need another version than the live one.
        public var countOfOldVersions: Int {
            cards.reduce(0) { $0 + ($1.key.version == key.live ? 0 : $1.value) }
        }
    }

    /// The keys in the order of the hierarchy.
    public let rows: [Row]
    /// The cards by layout, profile and versions.
    public let groups: [CardGroup]
    /// The last day of each algorithm, where one is set.
    public let cutOffs: [CardAlgorithm: CardDate]
    private let today: CardDate
    private static let warningDays = 90

    /// A ledger of the cards that are not ended.
    public init(hierarchy: KeyHierarchy, groups: [CardGroup], today: CardDate) {
        self.groups = groups
        self.today = today
        cutOffs = hierarchy.cutOffs
        rows = hierarchy.keys.map { key in
            var cards: [Edition: Int] = [:]
            for group in groups where group.keys.contains(key.name) {
                let edition = Edition(algorithm: group.algorithm, version: group.versions[key.name])
                cards[edition, default: 0] += group.count
            }
            return Row(key: key, cards: cards, time: Self.time(of: key, on: today))
        }
    }

    private static func time(of key: KeyHierarchy.Key, on day: CardDate) -> Time {
        guard let expiry = key.expiry else { return .unlimited }
        if expiry < day { return .over }
        return expiry < day.adding(days: warningDays) ? .ending : .running
    }

    /// How many cards depend on an algorithm.
    public func cards(on algorithm: CardAlgorithm) -> Int {
        groups.reduce(0) { $0 + ($1.algorithm == algorithm ? $1.count : 0) }
    }

    /// How many roles at least one card needs in an algorithm.
    public func roles(on algorithm: CardAlgorithm) -> Int { rows.count { $0.count(algorithm) > 0 } }

    /// How many cards there are.
    public var cardCount: Int { groups.reduce(0) { $0 + $1.count } }

    /// How many cards hold a version of some key that is not the live one.
    public var cardsOnOldVersions: Int {
        let live = Dictionary(rows.map { ($0.key.name, $0.key.live) }, uniquingKeysWith: { first, _ in first })
        return groups.reduce(0) { sum, group in
            sum + (group.keys.contains { live[$0] != nil && live[$0] != group.versions[$0] } ? group.count : 0)
        }
    }

    /// Algorithms past their last day that cards still depend on.
    public var overdueAlgorithms: [CardAlgorithm] {
        cutOffs.filter { $0.value < today && cards(on: $0.key) > 0 }.map(\.key).sorted { $0.rawValue < $1.rawValue }
    }

    /// Whether something should be done now: a version is past its time, or an algorithm past its last day.
    public var isOverdue: Bool { rows.contains { $0.time == .over } || !overdueAlgorithms.isEmpty }
}
