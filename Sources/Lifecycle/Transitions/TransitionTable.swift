/// The transition table: the one place that says which act is allowed from where, by whom, and on what proof.
///
/// It follows the table of lifecycle-and-sync.md §3 for the acts of one counter; whether a second person must be there
/// is the policy's to say.
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
        case .enable:
            TransitionRow(
                .enable, from: [.withHolder], social: [.sealed], by: [.teller, .bankOutlet, .holder],
                needs: [.cardRead, .pinChanged], chip: .setInUse)
        case .temporaryLoss, .formalLoss, .hold, .pinLock: tightening(transition)
        case .releaseTemporaryLoss, .releaseFormalLoss, .releaseHold, .releasePINLock: loosening(transition)
        case .changePIN, .resetPIN, .unblockPIN: pin(transition)
        case .replaceLost, .renew, .cancel: ending(transition)
        }
    }

    private static let anywhere = Set(PhysicalState.allCases)
    private static let notEnded: Set<SocialFunction> = [.sealed, .enabled]

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
        default:
            TransitionRow(
                transition, from: anywhere, social: notEnded, restriction: .pinLock, by: [.teller, .supervisor],
                needs: [.identityDocument, .cardRead], chip: .unblockPIN, slip: .pin)
        }
    }

    /// The holder's own change needs the card alone; what loosens is the counter's, for a person who has shown who they are.
    private static func pin(_ transition: Transition) -> TransitionRow {
        let custody: Set<PhysicalState> = [.personalized, .awaitingCollection, .withHolder]
        return transition == .changePIN
            ? TransitionRow(
                transition, from: custody, social: notEnded, by: [.teller, .supervisor, .bankOutlet, .holder],
                needs: [.cardRead], chip: .unblockPIN, slip: .pin)
            : TransitionRow(
                transition, from: custody, social: notEnded, by: [.teller, .supervisor],
                needs: [.identityDocument, .cardRead], chip: .unblockPIN, slip: .pin)
    }

    private static func ending(_ transition: Transition) -> TransitionRow {
        switch transition {
        case .replaceLost:
            TransitionRow(
                transition, from: [.withHolder], social: notEnded, restriction: .loss, by: [.teller, .supervisor],
                needs: [.identityDocument, .feeSettled], offline: .underLease, list: .addEnded,
                slip: .application)
        case .renew:
            TransitionRow(
                transition, from: [.withHolder], social: notEnded, by: [.teller, .supervisor],
                needs: [.identityDocument, .oldCardTaken], offline: .underLease, chip: .blockCard, list: .addEnded,
                slip: .application)
        default:
            TransitionRow(
                transition, from: anywhere, social: notEnded, by: [.teller, .supervisor, .upperTier],
                with: [.supervisor, .upperTier], needs: [.paper], chip: .blockCard, list: .addEnded,
                slip: .cancellation)
        }
    }
}
