import ByteText
import CardData
import Lifecycle
public import Personalization
public import Registry

/// What is on the chip against what is on record, item by item.
public struct ChipComparison: Hashable, Sendable {
    /// What is compared.
    public enum Item: String, Hashable, Sendable, CaseIterable {
        /// 芯片号.
        case chip
        /// 卡识别码.
        case identificationCode
        /// 卡号.
        case cardNumber
        /// 发卡日期.
        case issueDate
        /// 卡有效期.
        case expiryDate
        /// 社会保障号码.
        case citizenNumber
        /// 姓名.
        case name
        /// 性别.
        case sex
        /// 民族.
        case ethnicGroup
        /// 出生日期.
        case birthDate
        /// 出生地.
        case birthPlace
    }

    /// One item.
    public struct Row: Hashable, Sendable {
        /// What is compared.
        public let item: Item
        /// As the registry has it; nil where it has nothing, or nobody looked.
        public let recorded: String?
        /// As the chip has it; nil where it has nothing that can be read.
        public let read: String?
        /// Whether the chip shows it to keys alone, which are not here: whether it differs nobody knows.
        public let isClosed: Bool
        /// Whether the card itself warned of what it gave (6281): it may be corrupted even where it looks right.
        public let isDamaged: Bool

        /// True when both are there and differ, or when the chip lacks what is on record.
        public var differs: Bool { recorded != nil && recorded != read && !isClosed }
    }

    /// The rows, in the order of ``Item``.
    public let rows: [Row]
    /// Whether read keys had to be presented for it.
    public let presentedKeys: Bool
    /// What the chip has of the holder's photo.
    public let photo: ChipPhoto

    /// Whether everything that is on record stands on the chip, soundly, and the photo too where it was looked at.
    public var isSame: Bool {
        photo != .damaged && photo != .unreadable
            && !rows.contains { $0.differs || $0.isDamaged || ($0.isClosed && $0.recorded != nil) }
    }

    /// A comparison.
    ///
    /// - Parameters:
    ///   - values: what was read, by the names of the layout's elements.
    ///   - closed: what stands in files that did not open; an item that was read all the same is none of them.
    ///   - damaged: what the card warned of.
    public init(
        chip: CardIdentity?, values: [String: String], closed: Set<Item> = [], damaged: Set<Item> = [],
        presentedKeys: Bool = false, photo: ChipPhoto = .notRead, card: RegisteredCard, holder: Person?
    ) {
        self.presentedKeys = presentedKeys
        self.photo = photo
        rows = Item.allCases.map { item in
            let read = item == .chip ? chip?.text : values[item.rawValue].flatMap { $0.isEmpty ? nil : $0 }
            return Row(
                item: item, recorded: Self.recorded(item, card, holder), read: read,
                isClosed: read == nil && closed.contains(item), isDamaged: damaged.contains(item))
        }
    }

    private static func recorded(_ item: Item, _ card: RegisteredCard, _ holder: Person?) -> String? {
        switch item {
        case .chip: card.facts?.blankSerial.hexadecimal
        case .identificationCode: card.reference.text
        case .cardNumber: card.facts?.number.text
        case .issueDate: card.facts?.issued.text
        case .expiryDate: card.facts?.expires.text
        case .citizenNumber: holder?.number.text
        case .name: holder?.name.text
        case .sex: holder?.sex.code
        case .ethnicGroup: holder?.ethnicGroup.code
        case .birthDate: holder?.birthDate.text
        case .birthPlace: holder?.birthPlace
        }
    }
}
