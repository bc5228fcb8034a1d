/// The transition table: the one place that says which act is allowed from where, by whom, and on what proof.
///
/// It follows the table of lifecycle-and-sync.md §3; whether a second person must be there is the policy's to say.
public enum TransitionTable {
    /// Every row, in the order of ``Transition``.
    public static let rows: [TransitionRow] = Transition.allCases.map(made)

    /// The row of one transition.
    public static func row(_ transition: Transition) -> TransitionRow { table[transition] ?? made(transition) }

    private static let table = Dictionary(uniqueKeysWithValues: rows.map { ($0.transition, $0) })

    private static func made(_ transition: Transition) -> TransitionRow {
        switch transition {
        case .registerPerson: TransitionRow(.registerPerson, by: [.teller, .supervisor, .personalizer, .upperTier])
        case .lookUpPerson:
            TransitionRow(
                .lookUpPerson,
                by: [.teller, .supervisor, .stockKeeper, .personalizer, .callCentre, .bankOutlet, .upperTier])
        case .reserveCardNumber:
            TransitionRow(.reserveCardNumber, by: [.teller, .supervisor, .personalizer], offline: .underLease)
        case .personalize, .spoil, .handOver, .enable: making(transition)
        case .dispatch, .arrive, .miss, .recover, .giveBack, .destroy, .endChip: moving(transition)
        case .changeData, .migrate, .changePIN, .resetPIN, .unblockPIN: changing(transition)
        case .temporaryLoss, .formalLoss, .hold, .pinLock: tightening(transition)
        case .releaseTemporaryLoss, .releaseFormalLoss, .releaseHold, .releasePINLock, .releaseCancellation, .runOut:
            loosening(transition)
        case .seeBlocked:
            TransitionRow(
                .seeBlocked, from: anywhere, social: notEnded, ended: .allowed,
                by: [.terminal, .upperTier], chip: .blockApplication, list: .removeAfterReport)
        case .replaceLost, .renew, .cancel, .confirmCancellation, .endUnclaimed, .expire, .endDuplicate:
            ending(transition)
        case .answerFee:
            TransitionRow(
                .answerFee, from: anywhere, social: notEnded, ended: .allowed,
                by: [.teller, .supervisor, .personalizer],
                slip: .fee)
        case .submit, .askSupplement, .supplement, .approve, .reject, .withdraw, .beginProduction, .failProduction,
            .finish, .collect, .lapse, .undoCollection:
            application(transition)
        case .receiveStock, .handOverStock, .missStock, .destroyStock, .returnStock, .installModule, .takeOutModule,
            .closeDay:
            stock(transition)
        case .restoreRegistry:
            TransitionRow(
                .restoreRegistry, by: [.supervisor, .upperTier], with: [.supervisor, .stockKeeper, .upperTier],
                needs: [.paper])
        case .grantLease, .returnLease:
            TransitionRow(transition, by: [.upperTier], with: [.supervisor, .upperTier], offline: .centreOnly)
        case .correct:
            TransitionRow(
                .correct, from: anywhere, social: notEnded, by: [.supervisor], with: [.supervisor, .upperTier],
                needs: [.paper], offline: .refused, list: .asPolicySays, slip: .correction)
        }
    }

    private static let anywhere = Set(PhysicalState.allCases)
    private static let notEnded: Set<SocialFunction> = [.sealed, .enabled]

    private static func making(_ transition: Transition) -> TransitionRow {
        switch transition {
        case .personalize:
            TransitionRow(
                .personalize, from: [.personalizing], social: [.sealed], by: [.personalizer],
                offline: .underLease, chip: .write)
        case .spoil:
            TransitionRow(
                .spoil, from: [.personalizing, .personalized], social: [.sealed], by: [.personalizer],
                chip: .blockCard, list: .addSpoiled, slip: .spoiledList)
        case .handOver:
            TransitionRow(
                .handOver, from: [.personalized, .awaitingCollection], social: [.sealed], by: [.teller],
                needs: [.identityDocument, [.signature, .face]], slip: .collection)
        default:
            TransitionRow(
                .enable, from: [.withHolder], social: [.sealed], by: [.teller, .bankOutlet, .holder],
                needs: [.cardRead, .pinChanged], chip: .setInUse)
        }
    }

    /// Where an ended card is in the office's hands.
    private static let destroyable: Set<PhysicalState> = [.recovered, .spoiled, .awaitingCollection, .personalized]

    /// Where the plastic goes; each move has a giver and a taker.
    private static func moving(_ transition: Transition) -> TransitionRow {
        switch transition {
        case .dispatch:
            TransitionRow(
                transition, from: [.personalized], social: [.sealed], by: [.stockKeeper, .personalizer],
                with: [.stockKeeper, .teller, .supervisor, .bankOutlet], slip: .handOverSheet)
        case .arrive:
            TransitionRow(
                transition, from: [.inTransit], social: [.sealed], by: [.teller, .stockKeeper, .bankOutlet],
                with: [.stockKeeper, .teller, .supervisor], slip: .handOverSheet)
        case .miss:
            TransitionRow(
                transition, from: [.personalized, .inTransit, .awaitingCollection], social: [.sealed],
                by: [.stockKeeper, .teller], list: .addEnded)
        case .recover:
            TransitionRow(
                transition, from: [.withHolder, .missing, .inTransit], social: notEnded, ended: .allowed,
                by: [.teller, .supervisor, .stockKeeper], needs: [[.cardRead, .paper]], slip: .recovery)
        case .giveBack:
            TransitionRow(
                transition, from: [.recovered], social: notEnded, by: [.teller],
                needs: [.identityDocument, [.signature, .face]], slip: .collection)
        case .endChip:
            // Who spoils a card has it in hand.
            TransitionRow(
                transition, from: destroyable, ended: .only,
                by: [.teller, .supervisor, .stockKeeper, .personalizer],
                needs: [[.cardRead, .oldCardTaken]], chip: .blockCard, slip: .recovery)
        default:
            TransitionRow(
                transition, from: destroyable, ended: .only,
                by: [.stockKeeper], needs: [[.cardRead, .paper]], chip: .blockCard, list: .removeDestroyed,
                slip: .destruction)
        }
    }

    /// The holder's own change of the PIN needs the card alone; what loosens is a teller's, for a person who has shown who they are.
    ///
    /// A supervisor confirms it and does not do it: `Keys/use-policy.yaml` gives the keys for it to tellers alone.
    private static func changing(_ transition: Transition) -> TransitionRow {
        let custody: Set<PhysicalState> = [.personalized, .awaitingCollection, .withHolder]
        return switch transition {
        case .changeData:
            TransitionRow(
                transition, from: [.withHolder], social: notEnded, by: [.teller],
                needs: [.identityDocument, .cardRead],
                chip: .write, slip: .dataChange)
        // It tells what the chip is now, so it can be told wherever the card is: one that was begun is finished whatever was reported meanwhile.
        case .migrate:
            TransitionRow(
                transition, from: anywhere, social: notEnded, ended: .allowed,
                by: [.teller, .supervisor, .personalizer], needs: [.cardRead], chip: .write)
        case .changePIN:
            TransitionRow(
                transition, from: custody, social: notEnded, by: [.teller, .supervisor, .bankOutlet, .holder],
                needs: [.cardRead], chip: .unblockPIN, slip: .pin)
        default:
            TransitionRow(
                transition, from: custody, social: notEnded, by: [.teller],
                needs: [.identityDocument, .cardRead], chip: .unblockPIN, slip: .pin)
        }
    }

    /// Tightening is allowed always, on every card that is not ended.
    private static func tightening(_ transition: Transition) -> TransitionRow {
        switch transition {
        case .temporaryLoss:
            TransitionRow(
                transition, from: anywhere, social: notEnded,
                by: [.callCentre, .holder, .teller, .supervisor, .bankOutlet], list: .addTemporary,
                slip: .temporaryLoss)
        case .formalLoss:
            TransitionRow(
                transition, from: anywhere, social: notEnded, by: [.teller, .supervisor, .bankOutlet],
                needs: [.identityDocument], list: .addLoss, slip: .lossCertificate)
        case .hold:
            TransitionRow(
                transition, from: anywhere, social: notEnded, by: [.teller, .supervisor, .upperTier],
                with: [.supervisor, .upperTier], list: .addHold, slip: .hold)
        default:
            TransitionRow(
                transition, from: anywhere, social: notEnded,
                by: [.teller, .supervisor, .holder, .bankOutlet])
        }
    }

    private static func loosening(_ transition: Transition) -> TransitionRow {
        switch transition {
        case .releaseTemporaryLoss:
            TransitionRow(
                transition, from: anywhere, social: notEnded, restriction: .temporaryLoss, by: [.teller, .supervisor],
                needs: [.identityDocument, .cardRead], offline: .effectiveHereOnly, chip: .unblockApplication,
                list: .removeAfterRuling, slip: .release)
        case .releaseFormalLoss:
            TransitionRow(
                transition, from: anywhere, social: notEnded, restriction: .loss, by: [.teller, .supervisor],
                needs: [.identityDocument, .cardRead], offline: .effectiveHereOnly,
                chip: .unblockApplication, list: .removeAfterRuling, slip: .release)
        case .releaseHold:
            TransitionRow(
                transition, from: anywhere, social: notEnded, restriction: .hold, by: [.teller, .supervisor],
                with: [.supervisor, .upperTier], needs: [.paper], offline: .effectiveHereOnly,
                chip: .unblockApplication, list: .removeAfterRuling, slip: .release)
        case .releasePINLock:
            TransitionRow(
                transition, from: anywhere, social: notEnded, restriction: .pinLock, by: [.teller],
                needs: [.identityDocument, .cardRead], chip: .unblockPIN, slip: .pin)
        case .releaseCancellation:
            TransitionRow(
                transition, from: anywhere, social: notEnded, restriction: .cancellation, by: [.upperTier],
                with: [.supervisor, .upperTier], needs: [.paper], offline: .centreOnly, list: .removeAfterRuling,
                slip: .release)
        default:
            TransitionRow(
                transition, from: anywhere, social: notEnded, restriction: .temporaryLoss, by: [.timer],
                offline: .centreOnly, list: .asPolicySays)
        }
    }

    private static func ending(_ transition: Transition) -> TransitionRow {
        switch transition {
        case .replaceLost:
            TransitionRow(
                transition, from: [.withHolder, .recovered], social: notEnded, restriction: .loss,
                by: [.teller, .supervisor], with: [.supervisor, .upperTier], needs: [.identityDocument, .feeSettled],
                offline: .underLease, list: .addEnded,
                slip: .application)
        case .renew:
            TransitionRow(
                transition, from: [.withHolder, .recovered], social: notEnded, by: [.teller, .supervisor],
                with: [.supervisor, .upperTier], needs: [.identityDocument, .oldCardTaken], offline: .underLease,
                chip: .blockCard, list: .addEnded,
                slip: .application)
        case .cancel:
            TransitionRow(
                transition, from: anywhere, social: notEnded, by: [.teller, .supervisor, .upperTier],
                with: [.supervisor, .upperTier], needs: [.paper], list: .addHold, slip: .cancellation)
        case .confirmCancellation:
            TransitionRow(
                transition, from: anywhere, social: notEnded, restriction: .cancellation, by: [.upperTier],
                with: [.upperTier], offline: .centreOnly, chip: .blockCard, list: .addEnded)
        case .endUnclaimed:
            TransitionRow(
                transition, from: [.personalized, .awaitingCollection], social: [.sealed], by: [.timer, .stockKeeper],
                with: [.supervisor, .stockKeeper], list: .addEnded)
        case .expire:
            TransitionRow(
                transition, from: anywhere, social: notEnded, by: [.timer, .upperTier], offline: .centreOnly)
        default:
            TransitionRow(
                transition, from: anywhere, social: notEnded, by: [.upperTier], with: [.upperTier],
                offline: .centreOnly, list: .addEnded)
        }
    }
}
