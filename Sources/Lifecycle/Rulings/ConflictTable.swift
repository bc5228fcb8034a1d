public import CardData

/// 冲突裁定表 (lifecycle-and-sync.md §4), worked out by the code that rules: what becomes of a card on which two counters acted
/// without knowing of each other.
public enum ConflictTable {
    /// An act that may cross another.
    public enum Side: String, Hashable, Sendable, CaseIterable {
        /// 临时挂失, of the card.
        case temporaryLoss = "temporary-loss"
        /// 正式挂失, of the card.
        case formalLoss = "formal-loss"
        /// 正式挂失, of whatever cards the person has.
        case formalLossOfPerson = "formal-loss-of-person"
        /// 停用.
        case hold
        /// 密码锁定.
        case pinLock = "pin-lock"
        /// 启用, of a card that was sealed until then.
        case enable
        /// 解挂, of an earlier temporary loss that both counters knew.
        case release
        /// 密码修改.
        case changePIN = "change-pin"
        /// 密码重置.
        case resetPIN = "reset-pin"
        /// 补领, with the new card made.
        case replaceLost = "replace-lost"
        /// 换领, with the new card made.
        case renew
        /// 注销.
        case cancel
        /// 过期.
        case expire
        /// 终端锁卡.
        case seeBlocked = "see-blocked"

        /// The Chinese name.
        public var chinese: String {
            switch self {
            case .temporaryLoss: "临时挂失"
            case .formalLoss: "正式挂失（指卡）"
            case .formalLossOfPerson: "正式挂失（指人）"
            case .hold: "停用"
            case .pinLock: "密码锁定"
            case .enable: "启用"
            case .release: "解挂"
            case .changePIN: "密码修改"
            case .resetPIN: "密码重置"
            case .replaceLost: "补领"
            case .renew: "换领"
            case .cancel: "注销"
            case .expire: "过期"
            case .seeBlocked: "终端锁卡"
            }
        }
    }

    /// What a card says, and how it ended.
    public struct Standing: Hashable, Sendable {
        /// The word shown.
        public let state: ShownState
        /// How it ended; nil when it has not.
        public let end: EndReason?

        init(_ state: CardState) {
            self.state = state.shown
            end = state.social.endReason
        }
    }

    /// What follows from a pair of acts, of which one came to the centre first.
    public struct Row: Hashable, Sendable {
        /// The act that came first.
        public let first: Side
        /// The act that came second.
        public let second: Side
        /// The card on which both acted.
        public let card: Standing
        /// The cards that were made in its place, that of the first act before that of the second.
        public let successors: [Standing]
        /// The ruling on the first act.
        public let rulingOnFirst: Ruling
        /// The ruling on the second act.
        public let rulingOnSecond: Ruling
    }

    /// Every pair of acts, each in both orders of arrival, in the order of ``Side``.
    public static func rows() throws(Faults) -> [Row] {
        var rows: [Row] = []
        for (place, one) in Side.allCases.enumerated() {
            for other in Side.allCases[place...] {
                rows.append(try row(one, other))
                if one != other { rows.append(try row(other, one)) }
            }
        }
        return rows
    }

    /// What follows when these two cross and arrive in this order.
    public static func row(_ first: Side, _ second: Side) throws(Faults) -> Row {
        var crossing = try Crossing()
        try crossing.begin([first, second])
        for (place, side) in [first, second].enumerated() {
            crossing.take(side.act(crossing, counter: place + 1), by: place + 1, seen: Crossing.known)
        }
        for (place, side) in [first, second].enumerated() where side.makesCard {
            try crossing.make(place + 1)
        }
        let outcome = crossing.file.outcome
        guard let card = outcome.cards[crossing.card], let one = outcome.rulings[Crossing.known + 1],
            let other = outcome.rulings[Crossing.known + 2]
        else { throw Faults("lifecycle.conflict-table") }
        let successors = [first, second].enumerated().compactMap { place, side in
            side.makesCard ? outcome.cards[crossing.successor(of: place + 1)]?.state : nil
        }
        return Row(
            first: first, second: second, card: Standing(card.state), successors: successors.map(Standing.init),
            rulingOnFirst: one, rulingOnSecond: other)
    }
}

extension ConflictTable.Side {
    /// Whether a new card is made.
    fileprivate var makesCard: Bool { self == .replaceLost || self == .renew }

    /// The act as a counter enters it.
    fileprivate func act(_ crossing: Crossing, counter: Int) -> Act {
        let report = LossReport(channel: .counter, reporter: .holder)
        return switch self {
        case .temporaryLoss: .temporaryLoss(report)
        case .formalLoss: .formalLoss(report)
        case .formalLossOfPerson: .formalLoss(LossReport(channel: .counter, reporter: .holder, subject: .person))
        case .hold: .held(.office)
        case .pinLock: .pinLocked
        case .enable: .enabled
        case .release: .released([Crossing.earlierLoss])
        case .changePIN: .pinServed(.change, ticket: "")
        case .resetPIN: .pinServed(.reset, ticket: "")
        case .replaceLost: .replaced(successor: crossing.successor(of: counter), reason: .lost)
        case .renew: .replaced(successor: crossing.successor(of: counter), reason: .damaged)
        case .cancel: .cancelled(.other)
        case .expire: .expired
        case .seeBlocked: .seenBlocked
        }
    }
}

/// A card, its past that everybody knows, and what two counters did to it.
private struct Crossing {
    /// The last position that both counters knew.
    static let known: UInt64 = 4
    static let earlierLoss = EventIdentifier(counter: 9, sequence: 4)

    private(set) var file = CaseFile()
    let card: CardReference
    private let successors: [CardReference]
    private var position: UInt64 = 0

    init() throws(Faults) {
        // Names without a meaning; nothing of a row depends on them.
        let named = (1...3).compactMap { CardReference(bytes: Array(repeating: UInt8($0), count: 16)) }
        guard let card = named.first, named.count == 3 else { throw Faults("lifecycle.conflict-table") }
        self.card = card
        successors = Array(named.dropFirst())
    }

    func successor(of counter: Int) -> CardReference { successors[counter - 1] }

    /// The past: made, handed over, in use where neither act is its enabling, and reported lost where one lifts that.
    mutating func begin(_ sides: [ConflictTable.Side]) throws(Faults) {
        let report = LossReport(channel: .counter, reporter: .holder)
        var acts: [Act] = [.personalized(try Self.facts(0)), .handedOver]
        acts.append(sides.contains(.enable) ? .pinServed(.change, ticket: "") : .enabled)
        acts.append(sides.contains(.release) ? .temporaryLoss(report) : .pinServed(.change, ticket: ""))
        for act in acts { take(act, by: 9, seen: position) }
    }

    mutating func take(_ act: Act, by counter: Int, seen: UInt64) { take(act, on: card, by: counter, 1, seen: seen) }

    /// The card that a counter makes in the old one's place.
    mutating func make(_ counter: Int) throws(Faults) {
        take(.personalized(try Self.facts(counter)), on: successor(of: counter), by: counter, 2, seen: 0)
    }

    private mutating func take(
        _ act: Act, on card: CardReference, by counter: Int, _ sequence: UInt64, seen: UInt64
    ) {
        position += 1
        file.take(
            PositionedAct(
                position: position,
                identifier: EventIdentifier(counter: UInt64(counter), sequence: counter == 9 ? position : sequence),
                card: card, act: act, seen: seen))
    }

    private static func facts(_ serial: Int) throws(Faults) -> CardFacts {
        guard let person = PersonReference(bytes: Array(repeating: 0, count: 32)) else {
            throw Faults("lifecycle.conflict-table")
        }
        return CardFacts(
            number: try CardNumber(body: "D000000\(serial)"), person: person, layout: "", profile: "", area: "990100",
            issued: try CardDate(year: 2000, month: 1, day: 1), expires: try CardDate(year: 2010, month: 1, day: 1),
            blankSerial: [])
    }
}
