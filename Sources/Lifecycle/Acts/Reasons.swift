/// Why a card is put on hold, 停用.
public enum HoldReason: UInt8, Hashable, Sendable, CaseIterable {
    /// By order of an office.
    case office = 1
    /// By a court paper.
    case court = 2
    /// Two acts crossed and a person must decide.
    case conflict = 3
    /// Suspected misuse.
    case misuse = 4
}

/// Why a card is replaced; the numbers are those of the replacement reasons in use (card.md §5.2).
public enum ReplacementReason: UInt8, Hashable, Sendable, CaseIterable {
    /// 11: lost, 补领.
    case lost = 11
    /// 12: damaged.
    case damaged = 12
    /// 21: a minor came of age.
    case cameOfAge = 21
    /// 22: identity data changed.
    case identityChanged = 22
    /// 23: another bank.
    case bankChanged = 23
    /// 80: a card of the new generation.
    case newGeneration = 80
    /// 90: anything else, expiry among it.
    case other = 90

    /// How the old card ends: 补领 after a loss, 换领 otherwise.
    public var endReason: EndReason { self == .lost ? .replaced : .renewed }
}

/// Why a card is cancelled, 注销.
public enum CancellationReason: UInt8, Hashable, Sendable, CaseIterable {
    /// The holder died.
    case death = 1
    /// Emigrated.
    case emigration = 2
    /// Moved to another region.
    case moved = 3
    /// The holder gives it up.
    case holderRequest = 4
    /// Anything else.
    case other = 9
}

/// Why somebody looked a person up; every look-up is an event.
public enum LookUpPurpose: UInt8, Hashable, Sendable, CaseIterable {
    /// To issue a card.
    case issuing = 1
    /// To hand a card over or enable it.
    case handingOver = 2
    /// A loss.
    case loss = 3
    /// A release.
    case release = 4
    /// A replacement or renewal.
    case replacement = 5
    /// A cancellation.
    case cancellation = 6
    /// The holder asks.
    case inquiry = 7
    /// An audit.
    case audit = 8
    /// To confirm or send back what another officer asks for.
    case confirming = 9

    /// What somebody who searches may say; that they rule on another's act the service itself knows.
    public static var offered: [LookUpPurpose] { allCases.filter { $0 != .confirming } }
}

/// Why a card was taken back, 回收.
public enum RecoveryReason: UInt8, Hashable, Sendable, CaseIterable {
    /// Somebody found it.
    case found = 1
    /// The holder brought it.
    case handedIn = 2
    /// A machine or terminal kept it.
    case retained = 3
    /// Anything else.
    case other = 9
}

/// What was done to the chip of a card that has ended and was taken back, 旧卡锁卡.
public enum ChipEnd: UInt8, Hashable, Sendable, CaseIterable {
    /// 已锁卡: it refuses every command from now on.
    case blocked = 1
    /// 无应答: no reader gets an answer of it.
    case silent = 2
    /// 芯片损坏: it is broken, cut out or missing.
    case broken = 3
    /// 拒绝锁卡: it can be read and does not let itself be blocked.
    case refused = 4
    /// Anything else.
    case other = 9

    /// Why a chip was not blocked.
    public static let hindrances = allCases.filter { $0 != .blocked }
}

/// What becomes of a temporary loss whose days are over (a city's policy).
public enum TemporaryLossEnd: UInt8, Hashable, Sendable, CaseIterable {
    /// 自动解挂: it is lifted.
    case release = 1
    /// 保持: it stays until somebody comes.
    case keep = 2
    /// 转正式挂失: it becomes a formal loss.
    case formalLoss = 3
    /// 转注销: the card is put up for cancellation.
    case cancel = 4

    /// The word of the policy file.
    public var name: String {
        switch self {
        case .release: "release"
        case .keep: "keep"
        case .formalLoss: "formal-loss"
        case .cancel: "cancel"
        }
    }
}
