/// What becomes of pieces in the stock book.
public enum StockMove: Hashable, Sendable {
    /// 入库: pieces came in from outside; who takes them in owns them.
    case received(StockKind, ChipSerials)
    /// 移交: pieces go from one officer to another; both sign.
    case handedOver(StockKind, ChipSerials, from: UInt64, to: UInt64)
    /// 盘亏: pieces are not where they should be; whose they are is said by a stock keeper who misses another officer's.
    case missed(StockKind, ChipSerials, of: UInt64? = nil)
    /// 销毁: two persons have counted the keeper's own pieces and destroyed them together; the event is their record (销毁清册).
    case destroyed(StockKind, ChipSerials)
    /// 退厂: pieces that never became a card go back to whoever supplied them.
    case returned(StockKind, ChipSerials)
    /// 装机: PSAMs are built into a terminal; who installs them and who sees it done both sign.
    case installed(ChipSerials, in: TerminalNumber)
    /// 拆机: PSAMs are taken out of a terminal again, and are in the stock of who took them out.
    case takenOut(ChipSerials, of: TerminalNumber)

    /// Its number in events.
    public var kind: ActKind {
        switch self {
        case .received: .stockReceived
        case .handedOver: .stockHandedOver
        case .missed: .stockMissed
        case .destroyed: .stockDestroyed
        case .returned: .stockReturned
        case .installed: .stockInstalled
        case .takenOut: .stockTakenOut
        }
    }

    /// Which pieces.
    public var pieces: (kind: StockKind, serials: ChipSerials) {
        switch self {
        case .received(let kind, let serials), .handedOver(let kind, let serials, _, _),
            .missed(let kind, let serials, _), .destroyed(let kind, let serials), .returned(let kind, let serials):
            (kind, serials)
        case .installed(let serials, _), .takenOut(let serials, _): (.securityModule, serials)
        }
    }

    /// The row of the table that judges it.
    var transition: Transition {
        switch self {
        case .received: .receiveStock
        case .handedOver: .handOverStock
        case .missed: .missStock
        case .destroyed: .destroyStock
        case .returned: .returnStock
        case .installed: .installModule
        case .takenOut: .takeOutModule
        }
    }

    /// The terminal that pieces are built into or taken out of; nil for any other move.
    public var terminal: TerminalNumber? {
        switch self {
        case .installed(_, let terminal), .takenOut(_, let terminal): terminal
        default: nil
        }
    }

    /// What stands against it.
    ///
    /// - Parameters:
    ///   - book: those of its pieces that are in the book, of whatever kind.
    ///   - cards: the states of the cards that were made on its chips, the newest of each.
    public func reasonsAgainst(
        book: [StockPiece], cards: [[UInt8]: CardState] = [:], handledBy handling: Handling
    ) -> [LifecycleRefusal.Reason] {
        let (kind, serials) = pieces
        let booked = Dictionary(book.map { ($0.serial, $0) }) { first, _ in first }
        switch self {
        case .received:
            return serials.serials.compactMap { serial in
                if let piece = booked[serial] { return .pieceInBook(piece) }
                // One chip is not two pieces, because somebody typed the end of its number alone.
                if let piece = book.first(where: { ChipSerials.nameOneChip($0.serial, serial) }) {
                    return .pieceInBook(piece)
                }
                if serials.serials.contains(where: { $0.count > serial.count && ChipSerials.nameOneChip($0, serial) }) {
                    return .pieceNamedTwice(serial)
                }
                guard let state = cards[serial], !state.mayBeReceived(as: kind) else { return nil }
                return .pieceIsCard(serial, kind, state.physical)
            }
        case .handedOver(_, _, let giver, let taker):
            var reasons = serials.serials.filter { booked[$0]?.kind != kind || booked[$0]?.owner != giver }.map {
                LifecycleRefusal.Reason.pieceNotOwned($0, giver)
            }
            if handling.officer.number != giver || handling.second?.number != taker || giver == taker {
                reasons.append(.bothSidesSign)
            }
            return reasons
        case .missed(_, _, let owner):
            // Each writes off their own; who keeps the stock may name another, and then the pieces must be that one's.
            let isKeeper = handling.officer.role == .stockKeeper
            let answering = isKeeper ? owner ?? handling.officer.number : handling.officer.number
            return serials.serials.compactMap { reason(against: $0, booked, kind, of: answering) }
        case .takenOut(_, let terminal):
            return serials.serials.compactMap { serial in
                guard let piece = booked[serial], piece.kind == .installed else { return .pieceNotInBook(serial) }
                return piece.terminal == terminal ? nil : .pieceInAnotherTerminal(piece)
            }
        case .destroyed, .installed:
            return serials.serials.compactMap { reason(against: $0, booked, kind, of: handling.officer.number) }
        case .returned:
            return serials.serials.compactMap { serial in
                if let reason = reason(against: serial, booked, kind, of: handling.officer.number) { return reason }
                // What was made a card, begun or finished, holds keys and perhaps a person: it is destroyed and leaves no office.
                return cards[serial].map { .cardNotReturned(serial, $0.physical) }
            }
        }
    }

    /// What stands against a piece leaving the book of whoever answers for it.
    private func reason(
        against serial: [UInt8], _ booked: [[UInt8]: StockPiece], _ kind: StockKind, of officer: UInt64
    ) -> LifecycleRefusal.Reason? {
        guard let piece = booked[serial], piece.kind == kind else { return .pieceNotInBook(serial) }
        return piece.owner == officer ? nil : .pieceOfAnother(piece, officer: officer)
    }

    /// Whose books it changes beside those of whoever enters it.
    public var otherOwners: Set<UInt64> {
        switch self {
        case .handedOver(_, _, let giver, let taker): [giver, taker]
        case .missed(_, _, let owner?): [owner]
        case .received, .missed, .destroyed, .returned, .installed, .takenOut: []
        }
    }
}
