/// An open restriction: it stops the card until a release names it.
public struct Restriction: Hashable, Sendable {
    /// What kinds there are.
    public enum Kind: UInt8, Hashable, Sendable, CaseIterable {
        /// 临时挂失.
        case temporaryLoss = 1
        /// 正式挂失.
        case loss = 2
        /// 停用: by an office, a court, a conflict, suspected misuse.
        case hold = 3
        /// 密码锁定: the chip counted too many wrong tries.
        case pinLock = 4
        /// 待注销: a cancellation that the centre has not confirmed; only the centre lifts it.
        case cancellation = 5

        /// The word of the specification, which is also the code in JSON.
        public var english: String {
            switch self {
            case .temporaryLoss: "temp-loss"
            case .loss: "loss"
            case .hold: "hold"
            case .pinLock: "pin-lock"
            case .cancellation: "cancellation"
            }
        }

        /// The Chinese name.
        public var chinese: String {
            switch self {
            case .temporaryLoss: "临时挂失"
            case .loss: "正式挂失"
            case .hold: "停用"
            case .pinLock: "密码锁定"
            case .cancellation: "待注销"
            }
        }
    }

    /// The event that opened it; releases name it by this.
    public let openedBy: EventIdentifier
    /// What it is.
    public let kind: Kind

    /// A restriction of a kind, opened by an event.
    public init(_ kind: Kind, openedBy: EventIdentifier) {
        self.kind = kind
        self.openedBy = openedBy
    }
}
