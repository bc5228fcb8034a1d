public import CardData

/// One version of a key is suspect: what it reaches, and what is to be done in which order (密钥事件处置).
public struct KeyIncident: Sendable {
    /// Where a card is, as far as it matters here.
    public enum Standing: String, Hashable, Sendable, CaseIterable {
        /// Made and not handed over yet.
        case inStock = "in-stock"
        /// In its holder's hands and in use.
        case inUse = "in-use"
        /// Stopped for a time: loss, hold, locked PIN.
        case stopped
        /// Ended for good; nothing is to be done.
        case ended
    }

    /// What a card needs.
    public enum Remedy: String, Hashable, Sendable {
        /// The key is written anew on the card, under its directory's master key.
        case rekey = "re-key"
        /// A new card is made: whatever was loaded under a suspect master key may be known.
        case reissue = "re-issue"
        /// Nothing.
        case none
    }

    /// A card that holds the suspect version.
    public struct Card: Hashable, Sendable {
        /// Its identification code.
        public let identificationCode: String
        /// The number printed on it.
        public let number: String
        /// Its layout.
        public let layout: String
        /// The profile of its card operating system.
        public let profile: String
        /// The day it was made.
        public let made: CardDate
        /// The counter that made it.
        public let counter: UInt64
        /// The officer who made it.
        public let officer: UInt64
        /// Where it is.
        public let standing: Standing

        /// A card from its parts.
        public init(
            identificationCode: String, number: String, layout: String, profile: String, made: CardDate,
            counter: UInt64, officer: UInt64, standing: Standing
        ) {
            self.identificationCode = identificationCode
            self.number = number
            self.layout = layout
            self.profile = profile
            self.made = made
            self.counter = counter
            self.officer = officer
            self.standing = standing
        }
    }

    /// Cards made on one day, at one counter, by one officer, of one layout.
    public struct Batch: Hashable, Sendable {
        /// The day.
        public let made: CardDate
        /// The counter.
        public let counter: UInt64
        /// The officer.
        public let officer: UInt64
        /// The layout.
        public let layout: String
        /// How many cards.
        public let count: Int
    }

    /// The predicted time of one card of a layout at the reader, seconds.
    public struct CardTime: Hashable, Sendable {
        /// To write the key anew.
        public let rekey: Double
        /// To make a new card.
        public let reissue: Double

        /// Times from their parts.
        public init(rekey: Double, reissue: Double) {
            self.rekey = rekey
            self.reissue = reissue
        }
    }

    /// One part of the plan.
    public struct Step: Hashable, Sendable {
        /// Its place in the order, from 1.
        public let order: Int
        /// What is done: `prepare`, `switch`, `terminals`, `cards`, `withdraw`.
        public let action: String
        /// How many cards.
        public let cards: Int
        /// Their predicted time at the reader, seconds.
        public let seconds: Double
        /// What is done, in Chinese.
        public let chinese: String
        /// What is done, in English.
        public let english: String
    }

    /// The key.
    public let key: KeyHierarchy.Key
    /// The suspect version.
    public let version: KeyVersion
    /// The version that takes its place; nil when none is prepared.
    public let successor: KeyVersion?
    /// The cards, those that are to be done first in front.
    public let cards: [Card]
    private let times: [String: CardTime]

    /// An incident.
    ///
    /// - Parameters:
    ///   - cards: every card that holds the version.
    ///   - times: the predicted time of a card, by layout.
    public init(key: KeyHierarchy.Key, version: KeyVersion, cards: [Card], times: [String: CardTime]) {
        self.key = key
        self.version = version
        self.times = times
        successor = key.versions.first { $0.version > version && ($0.stage == .live || $0.stage == .next) }?.version
        self.cards = cards.sorted { left, right in
            (Self.rank(left.standing), left.made, left.number) < (Self.rank(right.standing), right.made, right.number)
        }
    }

    /// Cards that never left the house come first, for they must not leave it so; then those in use.
    private static func rank(_ standing: Standing) -> Int { Standing.allCases.firstIndex(of: standing) ?? 0 }

    /// What a card needs.
    public func remedy(for card: Card) -> Remedy {
        if card.standing == .ended { return .none }
        return key.group == .master ? .reissue : .rekey
    }

    /// The predicted time of a card's remedy at the reader, seconds.
    public func seconds(for card: Card) -> Double {
        guard let time = times[card.layout] else { return 0 }
        return switch remedy(for: card) {
        case .rekey: time.rekey
        case .reissue: time.reissue
        case .none: 0
        }
    }

    /// The cards by the day, place and officer of their making, the oldest first.
    public var batches: [Batch] {
        let groups = Dictionary(grouping: cards) { [$0.made.text, String($0.counter), String($0.officer), $0.layout] }
        return groups.compactMap { _, cards in
            cards.first.map {
                Batch(made: $0.made, counter: $0.counter, officer: $0.officer, layout: $0.layout, count: cards.count)
            }
        }
        .sorted { ($0.made, $0.counter, $0.officer, $0.layout) < ($1.made, $1.counter, $1.officer, $1.layout) }
    }

    /// The counters that made the cards.
    public var counters: [UInt64] { Set(cards.map(\.counter)).sorted() }

    /// What is to be done, in order.
    public var plan: [Step] {
        var steps: [Step] = []
        func add(_ action: String, _ cards: [Card], _ chinese: String, _ english: String) {
            steps.append(
                Step(
                    order: steps.count + 1, action: action, cards: cards.count,
                    seconds: cards.reduce(0) { $0 + seconds(for: $1) }, chinese: chinese, english: english))
        }
        if successor == nil {
            add(
                "prepare", [], "由密钥仪式产生并下发密钥 \(key.name) 的新版本",
                "Make a new version of \(key.name) in a ceremony and hand it down")
        }
        let next = successor.map(\.description) ?? "n"
        if key.stage(of: version) == .live {
            add(
                "switch", [], "在 Keys/hierarchy.yaml 中将版本 \(next) 设为 live，版本 \(version) 设为 old",
                "Make version \(next) live and version \(version) old in Keys/hierarchy.yaml")
        }
        if let place = key.terminalKey {
            let name = "\(Self.digits(place.keyClass))/\(Self.digits(place.identifier))"
            add(
                "terminals", [], "向全部终端的 PSAM（用途/标识 \(name)）装入版本 \(next)，先于卡片",
                "Load version \(next) into the PSAM of every terminal (class/id \(name)), before any card is changed")
        }
        for standing in Standing.allCases where standing != .ended {
            let those = cards.filter { $0.standing == standing }
            guard !those.isEmpty else { continue }
            let isReissue = key.group == .master
            add(
                "cards", those, "\(Self.chinese(standing))：\(isReissue ? "换发新卡" : "重写密钥")",
                "\(Self.english(standing)): \(isReissue ? "make new cards" : "write the key anew")")
        }
        add(
            "withdraw", [], "确认 sscard keys ledger 中该版本已为零，再将版本 \(version) 设为 withdrawn",
            "When sscard keys ledger shows no card of it any more, withdraw version \(version)")
        return steps
    }

    private static func digits(_ byte: UInt8) -> String {
        (byte < 16 ? "0" : "") + String(byte, radix: 16, uppercase: true)
    }

    private static func chinese(_ standing: Standing) -> String {
        switch standing {
        case .inStock: "库存卡（未领）"
        case .inUse: "在用卡"
        case .stopped: "停用卡"
        case .ended: "已注销卡"
        }
    }

    private static func english(_ standing: Standing) -> String {
        switch standing {
        case .inStock: "cards in stock"
        case .inUse: "cards in use"
        case .stopped: "stopped cards"
        case .ended: "ended cards"
        }
    }
}
