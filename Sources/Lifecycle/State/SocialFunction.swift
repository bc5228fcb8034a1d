/// The base of part C, 社保功能: what the card may be used for when nothing restricts it.
public enum SocialFunction: Hashable, Sendable {
    /// 封存: made, the social function not yet enabled.
    case sealed
    /// 启用: enabled by its holder.
    case enabled
    /// 注销: final, with the reason; no act leads out of it.
    case ended(EndReason)

    /// Whether the card is ended.
    public var isEnded: Bool { endReason != nil }

    /// Why the card is ended; nil while it is not.
    public var endReason: EndReason? {
        if case .ended(let reason) = self { reason } else { nil }
    }
}

/// Why a card's social function is ended.
public enum EndReason: UInt8, Hashable, Sendable, CaseIterable {
    /// 补领: replaced after a loss.
    case replaced = 1
    /// 换领: renewed for expiry, damage, or changed data.
    case renewed = 2
    /// 注销: death, emigration, moved away.
    case cancelled = 3
    /// 过期: past its validity.
    case expired = 4
    /// 逾期未领: never collected.
    case unclaimed = 5
    /// 重复: a second card of the same replacement.
    case duplicate = 6
    /// 废卡: failed in making.
    case spoiled = 7
    /// 交付前遗失: lost before delivery.
    case missingBeforeDelivery = 8

    /// The Chinese word.
    public var chinese: String {
        switch self {
        case .replaced: "补领"
        case .renewed: "换领"
        case .cancelled: "注销"
        case .expired: "过期"
        case .unclaimed: "逾期未领"
        case .duplicate: "重复"
        case .spoiled: "废卡"
        case .missingBeforeDelivery: "交付前遗失"
        }
    }

    /// The English word, which is also the code in JSON.
    public var english: String {
        switch self {
        case .replaced: "replaced"
        case .renewed: "renewed"
        case .cancelled: "cancelled"
        case .expired: "expired"
        case .unclaimed: "unclaimed"
        case .duplicate: "duplicate"
        case .spoiled: "spoiled"
        case .missingBeforeDelivery: "missing-before-delivery"
        }
    }
}
