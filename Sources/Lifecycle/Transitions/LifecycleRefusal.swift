import ByteText
public import CardData

/// Why an act was not allowed: every reason at once, never none.
public struct LifecycleRefusal: Error, Hashable, Sendable {
    /// One reason.
    public enum Reason: Hashable, Sendable {
        /// The role may not do this.
        case roleNotAllowed(Role, allowed: Set<Role>)
        /// The policy wants a second person in one of these roles.
        case secondPersonMissing(allowed: Set<Role>)
        /// The second person's role is not one that may confirm this.
        case secondPersonNotAllowed(Role, allowed: Set<Role>)
        /// The second person is the first.
        case secondPersonIsTheSame
        /// One of these proofs was not given.
        case proofMissing(Proofs)
        /// The card is ended; nothing leads out of that.
        case ended(EndReason)
        /// The application does not stand where the step starts from.
        case applicationState(ApplicationState, allowed: Set<ApplicationState>)
        /// The person has applied for this already.
        case applicationOpen(EventIdentifier, ApplicationFacts.Kind)
        /// The number of a batch is too long, or holds signs that nobody sees.
        case batchNumber
        /// Whoever entered an application or added to it does not rule on it, nor sign beside who does.
        case approvesOwn
        /// Whoever reported a cancellation, or signed beside who did, does not make it final.
        case confirmsOwn(EventIdentifier)
        /// The card waits for its cancellation already.
        case alreadyCancelled(EventIdentifier)
        /// A piece of stock that comes in is in the book already, of whatever kind.
        case pieceInBook(StockPiece)
        /// A piece comes in under its whole number and under the end of it.
        case pieceNamedTwice([UInt8])
        /// A chip that comes in as such a piece is a card, and its plastic is there.
        case pieceIsCard([UInt8], StockKind, PhysicalState)
        /// A piece of stock is not in the book.
        case pieceNotInBook([UInt8])
        /// A piece of stock is not this officer's.
        case pieceNotOwned([UInt8], UInt64)
        /// A piece that this officer acts on is another's in the book.
        case pieceOfAnother(StockPiece, officer: UInt64)
        /// A PSAM that is to be taken out of a terminal is in another.
        case pieceInAnotherTerminal(StockPiece)
        /// A card that is to leave the office is in no stock book.
        case cardNotInBook([UInt8])
        /// A piece that is to go back to its supplier was made a card.
        case cardNotReturned([UInt8], PhysicalState)
        /// The officer's day was closed, and the policy lets nothing follow that its count does not have.
        case dayIsClosed(UInt64, day: UInt32)
        /// An application is closed for a reason that its card does not bear out.
        case closingNotTrue(ClosingReason)
        /// A piece in the book was not read at day end.
        case pieceNotRead(StockKind, [UInt8])
        /// A piece was typed, and the policy wants it read.
        case pieceTyped([UInt8])
        /// So many pieces were typed, and no supervisor with a paper says why.
        case typedWithoutReason(Int)
        /// A hand-over is signed by its giver and its taker, two persons.
        case bothSidesSign
        /// The card is not ended yet.
        case notEnded
        /// The policy wants another end for a temporary loss that has run out.
        case policySaysOtherwise(TemporaryLossEnd)
        /// Acts of this kind cannot be undone.
        case notCorrectable(ActKind)
        /// The act to be undone is not the one that put the card where it is.
        case nothingToCorrect(EventIdentifier)
        /// The plastic is not where the act starts from.
        case physicalState(PhysicalState, allowed: Set<PhysicalState>)
        /// The card is already enabled, or not yet.
        case alreadyEnabled
        /// A restriction of this kind must be open.
        case restrictionMissing(Restriction.Kind)
        /// A restriction of this kind is open.
        case restricted(Restriction.Kind)
        /// The named restriction is not open.
        case restrictionNotOpen(EventIdentifier)
        /// A release that names nothing.
        case nothingNamed
        /// The policy does not allow a formal loss to be released.
        case formalLossIsFinal
        /// The person has another card that is not ended.
        case personHasCard
        /// Whoever is to get a card in the place of an old one has none.
        case nothingToReplace
        /// The factory makes a card in the place of this one: what that was ordered by stays as it is.
        case replacementOrdered(EventIdentifier, ApplicationState)
        /// The card that this one takes the place of was taken back, and its chip is neither blocked nor destroyed.
        case oldCardNotEnded(CardNumber)
        /// The card has not lain uncollected for so many months since it was issued.
        case notYetUnclaimed(CardDate, months: Int)
        /// The card does not expire for more than so many days, and no paper gives another reason to renew it.
        case notExpiring(CardDate, days: Int)
        /// So many PINs were set anew or unblocked at this counter today.
        case pinActsUsedUp(Int)
        /// A hold's last day lies before today.
        case lastDayIsOver(CardDate)
        /// A hold's last day lies further ahead than the policy lets it.
        case holdTooLong(CardDate, days: Int)
        /// A hold has no last day, or that is not over.
        case holdStands(until: CardDate?)
        /// The officer has looked at so many persons today; a supervisor signs beside them for any other.
        case lookUpsUsedUp(Int)
        /// The officer has done such acts so many times today.
        case actsUsedUp(LimitedAct, Int)
        /// A card cannot replace itself.
        case successorIsTheSame
        /// The card that came first is the one that is to end.
        case duplicateOfItself
        /// The number does not lie in the range that the policy gives the counter.
        case numberOutOfRange(CardNumber)
    }

    /// What was to be done.
    public let transition: Transition
    /// Why not.
    public let reasons: [Reason]

    /// A refusal; nil without a reason.
    public init?(_ transition: Transition, _ reasons: [Reason]) {
        guard !reasons.isEmpty else { return nil }
        self.transition = transition
        self.reasons = reasons
    }
}

extension LifecycleRefusal: FaultReporting {
    /// One fault for each reason.
    public var faults: [Fault] {
        reasons.map { reason in
            let (code, parameters) = reason.told
            return Fault(code, parameters.merging(["act": transition.rawValue, "actZh": transition.chinese]) { $1 })
        }
    }
}

extension LifecycleRefusal.Reason {
    fileprivate var told: (FaultCode, [String: String]) {
        switch self {
        case .roleNotAllowed(let role, let allowed):
            (
                "lifecycle.role-not-allowed",
                ["role": role.name, "roleZh": role.chinese].merging(names(of: allowed)) { $1 }
            )
        case .secondPersonMissing(let allowed): ("lifecycle.second-person-missing", names(of: allowed))
        case .secondPersonNotAllowed(let role, let allowed):
            (
                "lifecycle.second-person-not-allowed",
                ["role": role.name, "roleZh": role.chinese].merging(names(of: allowed)) { $1 }
            )
        case .secondPersonIsTheSame: ("lifecycle.second-person-is-the-same", [:])
        case .proofMissing(let proofs):
            (
                "lifecycle.proof-missing",
                [
                    "proofs": proofs.names.joined(separator: " / "),
                    "proofsZh": proofs.chineseNames.joined(separator: " 或 "),
                    "readZh": proofs.contains(.cardRead) ? "；读卡一项不用勾选，放入卡片即可" : "",
                    "read": proofs.contains(.cardRead) ? "; a card is not ticked but put into the reader" : "",
                ]
            )
        case .ended(let reason): ("lifecycle.ended", ["reason": reason.english, "reasonZh": reason.chinese])
        case .physicalState(let state, let allowed):
            (
                "lifecycle.physical-state",
                [
                    "state": state.rawValue, "stateZh": state.chinese,
                    "allowed": allowed.map(\.rawValue).sorted().joined(separator: ", "),
                    "allowedZh": allowed.map(\.chinese).sorted().joined(separator: "、"),
                ]
            )
        case .applicationState(let state, let allowed):
            (
                "lifecycle.application-state",
                [
                    "state": state.rawValue, "stateZh": state.chinese,
                    "allowed": allowed.map(\.rawValue).sorted().joined(separator: ", "),
                    "allowedZh": allowed.map(\.chinese).sorted().joined(separator: "、"),
                ]
            )
        case .applicationOpen(let identifier, let kind):
            (
                "lifecycle.application-open",
                ["application": identifier.description, "kind": kind.name, "kindZh": kind.chinese]
            )
        case .approvesOwn: ("lifecycle.approves-own", [:])
        case .pieceInBook(let piece): ("stock.piece-in-book", parameters(of: piece))
        case .pieceNamedTwice(let serial): ("stock.piece-named-twice", ["serial": serial.hexadecimal])
        case .pieceIsCard(let serial, let kind, let state):
            (
                "stock.piece-is-card",
                [
                    "serial": serial.hexadecimal, "kind": kind.name, "kindZh": kind.chinese, "state": state.rawValue,
                    "stateZh": state.chinese,
                ]
            )
        case .pieceNotInBook(let serial): ("stock.piece-not-in-book", ["serial": serial.hexadecimal])
        case .pieceNotOwned(let serial, let owner):
            ("stock.piece-not-owned", ["serial": serial.hexadecimal, "owner": String(owner)])
        case .pieceOfAnother(let piece, let officer):
            ("stock.piece-of-another", parameters(of: piece).merging(["officer": String(officer)]) { $1 })
        case .pieceInAnotherTerminal(let piece):
            (
                "stock.piece-in-another-terminal",
                ["serial": piece.serial.hexadecimal, "terminal": piece.terminal?.text ?? "–"]
            )
        case .cardNotInBook(let serial): ("stock.card-not-in-book", ["serial": serial.hexadecimal])
        case .cardNotReturned(let serial, let state):
            (
                "stock.card-not-returned",
                ["serial": serial.hexadecimal, "state": state.rawValue, "stateZh": state.chinese]
            )
        case .dayIsClosed(let officer, let day):
            ("stock.day-is-closed", ["officer": String(officer), "day": String(day)])
        case .closingNotTrue(let reason): ("lifecycle.closing-not-true", ["reason": "\(reason)"])
        case .pieceNotRead(let kind, let serial):
            ("stock.piece-not-read", ["kind": kind.name, "kindZh": kind.chinese, "serial": serial.hexadecimal])
        case .pieceTyped(let serial): ("stock.piece-typed", ["serial": serial.hexadecimal])
        case .typedWithoutReason(let count): ("stock.typed-without-reason", ["count": String(count)])
        case .bothSidesSign: ("stock.both-sides-sign", [:])
        case .notEnded: ("lifecycle.not-ended", [:])
        case .policySaysOtherwise(let end): ("lifecycle.policy-says-otherwise", ["end": end.name])
        case .notCorrectable(let kind):
            ("lifecycle.not-correctable", ["kind": kind.name, "kindZh": kind.chinese])
        case .nothingToCorrect(let event): ("lifecycle.nothing-to-correct", ["event": event.description])
        case .alreadyEnabled: ("lifecycle.already-enabled", [:])
        case .confirmsOwn(let event): ("lifecycle.confirms-own", ["event": event.description])
        case .alreadyCancelled(let event): ("lifecycle.already-cancelled", ["event": event.description])
        case .batchNumber: ("lifecycle.batch-number", ["most": String(BatchNumber.longest)])
        case .restrictionMissing(let kind):
            ("lifecycle.restriction-missing", ["kind": kind.english, "kindZh": kind.chinese])
        case .restricted(let kind):
            ("lifecycle.restricted", ["kind": kind.english, "kindZh": kind.chinese])
        case .restrictionNotOpen(let identifier):
            ("lifecycle.restriction-not-open", ["restriction": identifier.description])
        case .nothingNamed: ("lifecycle.nothing-named", [:])
        case .formalLossIsFinal: ("lifecycle.formal-loss-is-final", [:])
        case .personHasCard: ("lifecycle.person-has-card", [:])
        case .nothingToReplace: ("lifecycle.nothing-to-replace", [:])
        case .replacementOrdered(let application, let state):
            (
                "lifecycle.replacement-ordered",
                ["application": application.description, "state": state.rawValue, "stateZh": state.chinese]
            )
        case .oldCardNotEnded(let number): ("lifecycle.old-card-not-ended", ["number": number.printed])
        case .notYetUnclaimed(let issued, let months):
            ("lifecycle.not-yet-unclaimed", ["issued": issued.text, "months": String(months)])
        case .notExpiring(let expires, let days):
            ("lifecycle.not-expiring", ["expires": expires.text, "days": String(days)])
        case .pinActsUsedUp(let count): ("lifecycle.pin-acts-used-up", ["count": String(count)])
        case .lastDayIsOver(let day): ("lifecycle.last-day-is-over", ["day": day.text])
        case .holdTooLong(let day, let days):
            ("lifecycle.hold-too-long", ["day": day.text, "days": String(days)])
        case .holdStands(let day): ("lifecycle.hold-stands", ["day": day?.text ?? "–"])
        case .lookUpsUsedUp(let count): ("lifecycle.look-ups-used-up", ["count": String(count)])
        case .actsUsedUp(let limited, let count):
            (
                "lifecycle.acts-used-up",
                ["count": String(count), "limit": limited.rawValue, "limitZh": limited.chinese]
            )
        case .duplicateOfItself: ("lifecycle.duplicate-of-itself", [:])
        case .successorIsTheSame: ("lifecycle.successor-is-the-same", [:])
        case .numberOutOfRange(let number): ("lifecycle.number-out-of-range", ["number": number.text])
        }
    }
}

private func parameters(of piece: StockPiece) -> [String: String] {
    [
        "serial": piece.serial.hexadecimal, "kind": piece.kind.name, "kindZh": piece.kind.chinese,
        "owner": String(piece.owner),
    ]
}

private func names(of roles: Set<Role>) -> [String: String] {
    let sorted = roles.sorted { $0.rawValue < $1.rawValue }
    return [
        "allowed": sorted.map(\.name).joined(separator: ", "),
        "allowedZh": sorted.map(\.chinese).joined(separator: "、"),
    ]
}
