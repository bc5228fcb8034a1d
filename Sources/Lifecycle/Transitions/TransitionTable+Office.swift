extension TransitionTable {
    /// Part A: applications; who approves is not who entered.
    static func application(_ transition: Transition) -> TransitionRow {
        switch transition {
        case .submit:
            TransitionRow(
                .submit, by: [.teller, .bankOutlet, .holder], needs: [.identityDocument], slip: .acceptance)
        case .askSupplement: TransitionRow(.askSupplement, by: [.supervisor], slip: .notice)
        case .supplement: TransitionRow(.supplement, by: [.teller, .bankOutlet, .holder])
        case .approve: TransitionRow(.approve, by: [.supervisor, .upperTier])
        case .reject: TransitionRow(.reject, by: [.supervisor, .upperTier], slip: .notice)
        case .withdraw: TransitionRow(.withdraw, by: [.teller, .holder], needs: [.identityDocument])
        case .beginProduction, .finish:
            TransitionRow(transition, by: [.personalizer, .upperTier], offline: .underLease)
        // Also of a card that was ready: who notes it as spoiled or missing sends its application back.
        case .failProduction:
            TransitionRow(
                .failProduction, by: [.personalizer, .upperTier, .stockKeeper, .teller], offline: .underLease)
        case .collect: TransitionRow(.collect, by: [.teller, .bankOutlet])
        // With the correction of the hand-over.
        case .undoCollection: TransitionRow(.undoCollection, by: [.supervisor])
        default: TransitionRow(.lapse, by: [.timer, .stockKeeper])
        }
    }

    /// The stock book: every piece has an owner, and a hand-over needs both sides.
    static func stock(_ transition: Transition) -> TransitionRow {
        let holders: Set<Role> = [.stockKeeper, .teller, .supervisor, .personalizer]
        return switch transition {
        case .receiveStock:
            TransitionRow(.receiveStock, by: [.stockKeeper], with: holders, needs: [.paper], slip: .handOverSheet)
        case .handOverStock: TransitionRow(.handOverStock, by: holders, with: holders, slip: .handOverSheet)
        case .missStock: TransitionRow(.missStock, by: [.stockKeeper, .teller, .personalizer])
        case .destroyStock:
            TransitionRow(
                .destroyStock, by: [.stockKeeper], with: [.supervisor], needs: [.paper], slip: .destruction)
        case .returnStock:
            TransitionRow(.returnStock, by: [.stockKeeper], with: [.supervisor], needs: [.paper], slip: .handOverSheet)
        case .installModule, .takeOutModule:
            TransitionRow(transition, by: holders, with: holders, slip: .handOverSheet)
        default:
            TransitionRow(.closeDay, by: holders, slip: .dayEnd)
        }
    }
}
