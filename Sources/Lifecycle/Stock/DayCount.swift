/// 日终盘点: what two persons counted of one owner's pieces at day end, from chips read.
public struct DayCount: Hashable, Sendable {
    /// The day, for the paper; no rule reads a clock.
    public let day: UInt32
    /// Whose pieces.
    public let owner: UInt64
    /// The pieces of each kind that were read; a kind without any is not there.
    public let counted: [StockKind: ChipSerials]
    /// Those of them that nobody read from a chip but somebody typed; nil when every one was read.
    public let typed: ChipSerials?

    /// A count.
    ///
    /// - Parameters:
    ///   - day: as a number of eight digits, year, month and day.
    ///   - typed: the counted pieces whose serials were typed.
    public init(day: UInt32, owner: UInt64, counted: [StockKind: ChipSerials], typed: ChipSerials? = nil) {
        self.day = day
        self.owner = owner
        self.counted = counted
        self.typed = typed
    }

    /// What stands against closing the day: what does not add up, and what was typed where that is not enough.
    public func reasonsAgainst(
        _ book: [StockKind: Set<[UInt8]>], handledBy handling: Handling, under policy: LifecyclePolicy
    ) -> [LifecycleRefusal.Reason] {
        differences(from: book) + reasonsAgainstTyping(handling, policy)
    }

    private func reasonsAgainstTyping(_ handling: Handling, _ policy: LifecyclePolicy) -> [LifecycleRefusal.Reason] {
        guard let typed else { return [] }
        switch policy.typedPieces {
        case .refused: return typed.serials.map { .pieceTyped($0) }
        case .supervised:
            let isJustified = handling.second?.role == .supervisor && handling.proofs.contains(.paper)
            return isJustified ? [] : [.typedWithoutReason(typed.serials.count)]
        }
    }

    /// What does not add up against the book; the day closes only when there is nothing.
    ///
    /// Pieces of the owner that were not read, and pieces read that are not the owner's.
    public func differences(from book: [StockKind: Set<[UInt8]>]) -> [LifecycleRefusal.Reason] {
        StockKind.atHand.flatMap { kind in
            let read = Set(counted[kind]?.serials ?? [])
            let booked = book[kind] ?? []
            let missing = booked.subtracting(read).sorted { $0.lexicographicallyPrecedes($1) }
            let strange = read.subtracting(booked).sorted { $0.lexicographicallyPrecedes($1) }
            return missing.map { LifecycleRefusal.Reason.pieceNotRead(kind, $0) }
                + strange.map { LifecycleRefusal.Reason.pieceNotOwned($0, owner) }
        }
    }
}
