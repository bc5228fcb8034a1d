public import CardData
public import Personalization

/// Where a card in a reader stands, and what to do with it.
public struct CardStanding: Sendable {
    /// The classes of cards.
    public enum Kind: String, Hashable, Sendable, CaseIterable {
        /// Nothing was written on it.
        case blank
        /// It was begun here and is not finished.
        case torn
        /// Its migration to another layout was begun here and is not finished.
        case migrating
        /// It has an identification code and no journal here, and the registry knows it, or there is none to ask.
        case issued
        /// Its answer to reset is that of another kind of card.
        case foreign
        /// It refuses every command.
        case blocked
        /// It is empty and the registry has a card that was made of it. Or something is on it that cannot be told, or an identification code that the registry does not know: issued elsewhere, or torn
        /// there before its end. It is never begun anew.
        case unknown

        /// The Chinese word.
        public var chinese: String {
            switch self {
            case .blank: "空白卡"
            case .torn: "未制完"
            case .migrating: "迁移未完成"
            case .issued: "已制成"
            case .foreign: "另一种卡"
            case .blocked: "已锁定"
            case .unknown: "无法判定"
            }
        }
    }

    /// What the journal of a torn card, or of a card torn while it was migrated, says.
    public struct Torn: Sendable {
        /// The hash of the plan that was begun.
        public let planHash: [UInt8]
        /// The layout it was begun with, or is brought to.
        public let layoutName: String
        /// Commands done.
        public let done: Int
        /// Commands of the whole plan; nil when the plan cannot be made again here.
        public let total: Int?
        /// The step that comes next; nil when all is written.
        public let next: Purpose?
        /// Name and number of the person, masked.
        public let holder: String
        /// The card's number.
        public let number: CardNumber?
        /// Why it cannot go on as things are; none when it can.
        public let hindrances: [Fault]
    }

    /// The class.
    public let kind: Kind
    /// The chip; nil for a card whose answer to reset tells none.
    public let card: CardIdentity?
    /// The identification code on the card, where it has one.
    public let identificationCode: String?
    /// Whether the registry has a card of that code; nil when there is no code, or no registry to ask.
    public let isRegistered: Bool?
    /// What the journal says of a torn card.
    public let torn: Torn?
    /// Why the place's journals could not be looked at: what is told of the card is told without them; empty where they were.
    public private(set) var unread: [Fault] = []

    /// The same card, told without the place's journals.
    func without(journals faults: [Fault]) -> CardStanding {
        var standing = self
        standing.unread = faults
        return standing
    }
    /// The card that the registry says was made of this chip, which holds nothing any more; nil for every other one.
    public internal(set) var spentOn: CardNumber?

    /// What to do next, in Chinese.
    public var chinese: String {
        switch kind {
        case .blank: "空白卡，可以制卡。"
        case .torn where torn?.hindrances.isEmpty == false: "不能续作：排除下列原因，或用 sscard card spoil 按废卡登记。"
        case .torn where torn?.next == nil: "卡已写完，只差登记：再次运行 sscard card personalize。"
        case .torn: "用同一人的数据再次运行 sscard card personalize 续作，或用 sscard card spoil 按废卡登记。"
        case .migrating where torn?.hindrances.isEmpty == false: "迁移未完成，且不能续作：排除下列原因；原有应用照常使用。"
        case .migrating: "迁移未完成：再次运行 sscard card migrate --to \(torn?.layoutName ?? "") 续作。"
        case .issued: "已发卡，不得重写；按卡号办理业务。"
        case .foreign: "另一种卡；换一张卡，或用 --layout 指明布局。"
        case .blocked: "卡已锁定；收回登记。"
        case .unknown where spentOn != nil:
            "这张芯片按登记已用于卡号 \(spentOn?.printed ?? "")，现在却是空白：不得再制卡；收存并报告。"
        case .unknown where identificationCode != nil: "已写入识别码，但本处没有登记，看不出是否制完：由别处发出或在别处开始制作；不得重写，送回发卡处。"
        case .unknown: "卡内已有内容，本处没有它的日志；不得重写。送回开始制卡的地方续作，或收入废卡箱。"
        }
    }

    /// What to do next, in English.
    public var english: String {
        switch kind {
        case .blank: "A blank: a card can be made on it."
        case .torn where torn?.hindrances.isEmpty == false:
            "It cannot go on: remove the causes below, or book it with sscard card spoil."
        case .torn where torn?.next == nil:
            "All is written and only the registry was not told: run sscard card personalize again."
        case .torn:
            "Run sscard card personalize again with the same person's data to finish it, or book it with sscard card spoil."
        case .migrating where torn?.hindrances.isEmpty == false:
            "Its migration is not finished and cannot go on: remove the causes below. Its old applications work as before."
        case .migrating:
            "Its migration is not finished: run sscard card migrate --to \(torn?.layoutName ?? "") again."
        case .issued: "Issued: never write it; acts go by its number."
        case .foreign: "Another kind of card: take another one, or name its layout with --layout."
        case .blocked: "The card is blocked: book it as recovered."
        case .unknown where spentOn != nil:
            "By the registry this chip was used for card number \(spentOn?.printed ?? ""), and it is empty now: no card is made of it again. "
                + "Keep it and report it."
        case .unknown where identificationCode != nil:
            "It has an identification code and is not in this registry, and whether it was finished cannot be seen: issued or begun "
                + "elsewhere. Never write it; send it there."
        case .unknown:
            "Something is on it and this office has no journal of it: never write it. Send it to where it was begun, or keep it "
                + "with the spoiled ones."
        }
    }

    /// 0 for a card that can be used or finished, 1 for one that cannot, 3 for one that cannot be told: without the journals a blank may
    /// have been begun, and an issued card be on its way to another layout.
    public var exitCode: Int32 {
        switch kind {
        case .blank where !unread.isEmpty, .issued where !unread.isEmpty: 3
        case .blank, .issued: 0
        case .torn, .migrating: torn?.hindrances.isEmpty == false ? 1 : 0
        case .foreign, .blocked: 1
        case .unknown: spentOn == nil ? 3 : 1
        }
    }
}
