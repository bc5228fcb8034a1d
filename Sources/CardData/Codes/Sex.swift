/// Sex as the card states it (GB/T 2261.1-2003 without the 0, which the card's table does not have).
public enum Sex: UInt8, Hashable, Sendable, CaseIterable {
    /// 1.
    case male = 1
    /// 2.
    case female = 2
    /// 9: not stated.
    case unspecified = 9

    /// Reads 1, 2 or 9; throws `sex.unknown`.
    public init(_ code: String) throws(Faults) {
        guard code.utf8.count == 1, let number = UInt8(code), let sex = Sex(rawValue: number) else {
            throw Faults("sex.unknown", ["code": String(code.prefix(8))])
        }
        self = sex
    }

    /// In Chinese.
    public var chinese: String {
        switch self {
        case .male: "男"
        case .female: "女"
        case .unspecified: "未说明"
        }
    }

    /// One digit.
    public var code: String { String(rawValue) }
}
