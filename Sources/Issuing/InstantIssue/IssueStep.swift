public import Lifecycle

/// The steps of issuing a card in front of its holder, in their order (card.md §5.6).
///
/// Reader and blank come first, so that nobody is asked for anything before a card can be made; the holder confirms before anything is
/// written; the card is handed over only when it was read back and its PIN is the holder's own.
public enum IssueStep: String, Hashable, Sendable, CaseIterable, Comparable {
    /// 检查空白卡: a blank of the right kind lies in the reader.
    case checkBlank = "check-blank"
    /// 查人.
    case findPerson = "find-person"
    /// 查重: the person has no card and none in the making.
    case checkDuplicates = "check-duplicates"
    /// 照片.
    case photo
    /// 持卡人确认: the holder looked at the data and the officer at the document.
    case confirm
    /// 制卡.
    case personalize
    /// 回读: the card in the reader is the one that was made and recorded.
    case readBack = "read-back"
    /// 设密码: the holder's own PIN takes the place of the drawn one.
    case setPIN = "set-pin"
    /// 锁旧卡: the chip of a renewed card is blocked, before its successor leaves over the desk.
    case blockOld = "block-old"
    /// 领卡.
    case handOver = "hand-over"
    /// 启用.
    case enable
    /// 回执.
    case slip

    /// The Chinese word.
    public var chinese: String {
        switch self {
        case .checkBlank: "检查空白卡"
        case .findPerson: "查人"
        case .checkDuplicates: "查重"
        case .photo: "照片"
        case .confirm: "持卡人确认"
        case .personalize: "制卡"
        case .readBack: "回读"
        case .setPIN: "设密码"
        case .blockOld: "锁旧卡"
        case .handOver: "领卡"
        case .enable: "启用"
        case .slip: "回执"
        }
    }

    /// Whether a card has to lie in a reader: for ``blockOld`` the old one, unless something hinders its being blocked.
    public func needsCard(unless hindrance: ChipEnd? = nil) -> Bool {
        switch self {
        case .checkBlank, .personalize, .readBack, .setPIN, .handOver, .enable: true
        case .blockOld: hindrance == nil
        case .findPerson, .checkDuplicates, .photo, .confirm, .slip: false
        }
    }

    /// In the order of the flow.
    public static func < (left: IssueStep, right: IssueStep) -> Bool {
        let all = allCases
        return (all.firstIndex(of: left) ?? 0) < (all.firstIndex(of: right) ?? 0)
    }
}
