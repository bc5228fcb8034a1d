/// What becomes of pieces in the stock book.
public enum StockMove: Hashable, Sendable {
    /// 入库: pieces came in from outside; who takes them in owns them.
    case received(StockKind, ChipSerials)
    /// 移交: pieces go from one officer to another; both sign.
    case handedOver(StockKind, ChipSerials, from: UInt64, to: UInt64)
    /// 盘亏: pieces are not where they should be.
    case missed(StockKind, ChipSerials)

    /// Its number in events.
    public var kind: ActKind {
        switch self {
        case .received: .stockReceived
        case .handedOver: .stockHandedOver
        case .missed: .stockMissed
        }
    }

    /// Which pieces.
    public var pieces: (kind: StockKind, serials: ChipSerials) {
        switch self {
        case .received(let kind, let serials), .handedOver(let kind, let serials, _, _), .missed(let kind, let serials):
            (kind, serials)
        }
    }

    /// The row of the table that judges it.
    var transition: Transition {
        switch self {
        case .received: .receiveStock
        case .handedOver: .handOverStock
        case .missed: .missStock
        }
    }

    /// What stands against it, given who owns each piece now; `owners` names only pieces of this kind that are in the book.
    public func reasonsAgainst(
        owners: [[UInt8]: UInt64], handledBy handling: Handling
    ) -> [LifecycleRefusal.Reason] {
        let serials = pieces.serials.serials
        switch self {
        case .received:
            return serials.filter { owners[$0] != nil }.map { .pieceInBook($0) }
        case .handedOver(_, _, let giver, let taker):
            var reasons = serials.filter { owners[$0] != giver }.map {
                LifecycleRefusal.Reason.pieceNotOwned($0, giver)
            }
            if handling.officer.number != giver || handling.second?.number != taker || giver == taker {
                reasons.append(.bothSidesSign)
            }
            return reasons
        case .missed:
            return serials.filter { owners[$0] == nil }.map { .pieceNotInBook($0) }
        }
    }
}
