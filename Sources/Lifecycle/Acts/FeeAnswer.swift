/// 费用处理: what became of a fee that was settled for a card which its holder never got.
public struct FeeAnswer: Hashable, Sendable {
    /// How it was settled.
    public enum Way: UInt8, Hashable, Sendable, CaseIterable {
        /// 已退费, or nothing had been taken because it was waived.
        case refunded = 1
        /// 转用: another issue for the same holder goes on it.
        case carriedOver = 2

        /// The name in files, in JSON and on the command line.
        public var name: String {
            switch self {
            case .refunded: "refunded"
            case .carriedOver: "carried-over"
            }
        }
    }

    /// How it was settled.
    public let way: Way
    /// The issue whose fee it was, as its paper names it: sixteen hexadecimal digits.
    public let issue: String
    /// How much the policy asked for, in fen (分).
    public let fen: UInt32

    /// An answer from its parts.
    public init(_ way: Way, issue: String, fen: UInt32) {
        self.way = way
        self.issue = issue
        self.fen = fen
    }
}
