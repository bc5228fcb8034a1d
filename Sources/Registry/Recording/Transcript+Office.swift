import CardData
import Foundation
import GRDB
import Lifecycle

/// Judging what is about no card: applications, stock, leases; and what stock says about the making of cards.
extension Transcript {
    func judge(_ act: Act, handledBy handling: Handling) throws {
        do {
            switch act {
            case .submitted(let facts):
                guard try PersonTable.exists(facts.person, in: database) else { throw RegistryError.personUnknown }
                try act.check(handling, under: policy)
                try refuse(act, reasonsAgainst(facts))
                try refuse(act, reasonsAgainstOrdering(facts, handledBy: handling))
            case .application(let identifier, let step):
                guard let application = try ApplicationTable.find(identifier, in: database) else {
                    throw RegistryError.applicationUnknown(identifier)
                }
                let preparers = step.isRuling ? try preparers(of: application.identifier) : []
                _ = try application.applying(step, handledBy: handling, preparedBy: preparers, under: policy)
                try refuse(act, reasonsAgainstClosing(application, by: step))
                if step == .approved { try refuse(act, reasonsAgainstApproving(application, handledBy: handling)) }
            case .stock(let move):
                try act.check(handling, under: policy)
                let serials = move.pieces.serials
                var book = try StockTable.find(serials, in: database)
                if case .received = move { book += try StockTable.otherForms(of: serials, in: database) }
                let reasons = move.reasonsAgainst(
                    book: book,
                    cards: try CardTable.states(onChips: serials, in: database), handledBy: handling)
                try refuse(act, reasons)
                try checkDay(act, handledBy: handling)
            case .dayClosed(let count):
                try act.check(handling, under: policy)
                let book = try StockTable.book(of: count.owner, in: database)
                try refuse(act, count.reasonsAgainst(book, handledBy: handling, under: policy))
            case .leaseGranted(let lease):
                try act.check(handling, under: policy)
                // Two counters that make one number while they are cut off make two cards of it.
                let taken = try LeaseTable.open(in: database).first { $0.lease.numbers.overlaps(lease.numbers) }
                if let taken { throw RegistryError.leaseOverlaps(taken.identifier) }
                try checkGranted(lease.numbers, act)
            case .leaseReturned(let lease):
                try act.check(handling, under: policy)
                guard try LeaseTable.isOpen(lease, in: database) else { throw RegistryError.leaseUnknown(lease) }
                // What it leaves unused may lie before the numbers that were handed out meanwhile.
                firstFreeNumber = 0
            case .personLookedUp:
                try act.check(handling, under: policy)
                try checkLookUps(act, handledBy: handling)
            default: try act.check(handling, under: policy)
            }
        } catch let refusal as LifecycleRefusal {
            throw RegistryError.refused(refusal)
        }
    }

    /// What is granted are fresh numbers of the policy's range: no card bears one outside of it, and a number that was used before would
    /// count as a card of the lease.
    private func checkGranted(_ numbers: CardNumberRange, _ act: Act) throws {
        let ends = [numbers.number(at: 0), numbers.number(at: numbers.count - 1)].compactMap(\.self)
        if let outside = ends.first(where: { !policy.cardNumbers.contains($0) }) {
            try refuse(act, [.numberOutOfRange(outside)])
        }
        if let used = try NumberTable.firstTaken(in: numbers, in: database) { throw RegistryError.numberTaken(used) }
    }

    /// Who added to an application since it was brought in.
    func preparers(of application: EventIdentifier) throws -> Set<UInt64> {
        let supplement = Act.application(application, .supplemented)
        var found = Set(entries.filter { $0.act == supplement }.map(\.event.officer))
        let sql = """
            SELECT sequence, event FROM log WHERE \(RegistrySchema.isStep) AND kind = \(ActKind.supplemented.rawValue)
            AND sequence > ?
            """
        let rows = try Row.fetchCursor(
            database.cachedStatement(sql: sql), arguments: [Int64(clamping: application.sequence)])
        while let row = try rows.next() {
            guard let event = try? Event(encoded: Array(row[1] as Data)), let body = try? event.readBody() else {
                throw RegistryError.damaged(sequence: UInt64(bitPattern: row[0] as Int64))
            }
            if body.act == supplement { found.insert(event.officer) }
        }
        return found
    }

    /// What stands against an application beside what its person has already.
    func reasonsAgainst(_ facts: ApplicationFacts) throws -> [LifecycleRefusal.Reason] {
        let open = try ApplicationTable.find(person: facts.person, in: database).filter { application in
            guard !application.state.isFinal else { return false }
            let card = try application.card.flatMap { try CardTable.find($0, in: database) }
            // An older program left it as ready when its holder had got the card.
            return card?.state.social.isEnded != true && card?.state.physical != .withHolder
        }
        return facts.reasonsAgainst(
            beside: open, hasCard: try CardTable.hasCard(facts.person, in: database))
    }

    /// An application is closed by itself only where its card says so: with its holder, or ended.
    private func reasonsAgainstClosing(
        _ application: Application, by step: ApplicationStep
    ) throws -> [LifecycleRefusal.Reason] {
        let state = try application.card.flatMap { try CardTable.find($0, in: database) }?.state
        switch step {
        case .collected(let reason?):
            guard let state, state.physical == .withHolder else { return [.closingNotTrue(reason)] }
        case .lapsed(let reason?):
            guard let state, state.social.isEnded else { return [.closingNotTrue(reason)] }
        case .collectionUndone:
            let inOffice: Set<PhysicalState> = [.personalized, .awaitingCollection, .recovered]
            let place = state?.physical ?? .missing
            guard inOffice.contains(place) else { return [.physicalState(place, allowed: inOffice)] }
        default: break
        }
        return []
    }

    /// Where a stock book is kept, a card is made of a blank that stands in it.
    func checkBlank(_ serial: [UInt8]) throws {
        guard policy.stockIsKept, !serial.isEmpty else { return }
        guard let piece = try StockTable.find(serial, in: database), piece.kind == .blank else {
            throw RegistryError.blankNotInStock(serial)
        }
    }

    /// Where a stock book is kept, nobody makes a card of somebody else's blank, nor gives out or destroys somebody else's card; and none
    /// that stands in no book leaves the office: whoever keeps the stock takes it in first, with a paper that says where it comes from.
    func checkOwner(_ act: Act, on card: CardReference, standing: RegisteredCard?, _ handling: Handling) throws {
        guard policy.stockIsKept else { return }
        let chip: [UInt8]?
        switch act {
        case .personalized(let facts): chip = facts.blankSerial
        case .handedOver, .givenBack, .dispatched, .destroyed:
            chip = try StockTable.chip(of: card, standing, in: database)
        default: return
        }
        guard let chip else { return }
        guard let piece = try StockTable.find(chip, in: database) else {
            if act.letsACardOut { try refuse(act, [.cardNotInBook(chip)]) }
            return
        }
        try checkOwner(of: piece, for: act.mainTransition, handling)
    }

    /// Nobody does this with somebody else's piece.
    func checkOwner(of piece: StockPiece, for transition: Transition, _ handling: Handling) throws {
        guard piece.owner != handling.officer.number else { return }
        try refuse(transition, [.pieceOfAnother(piece, officer: handling.officer.number)])
    }

    /// Where the policy says so, no piece changes hands on a day that its officer has closed: the count would no longer be true.
    ///
    /// A clock that goes back opens no day. A card that was made is written down, as every fact is.
    func checkDay(_ act: Act, handledBy handling: Handling) throws {
        guard policy.afterDayEnd == .refused, act.movesStock else { return }
        if case .personalized = act, !isForeseeing { return }
        var owners: Set<UInt64> = [handling.officer.number]
        if case .stock(let move) = act { owners.formUnion(move.otherOwners) }
        try checkDay(of: owners, for: act.mainTransition)
    }

    /// As ``checkDay(_:handledBy:)``, of whatever moves these officers' pieces.
    func checkDay(of owners: Set<UInt64>, for transition: Transition) throws {
        guard policy.afterDayEnd == .refused else { return }
        let today = UInt32(try CardDate(atMilliseconds: wallMilliseconds).text) ?? 0
        for owner in owners.sorted() {
            guard let day = try StockTable.closedDay(of: owner, since: today, in: database) else { continue }
            try refuse(transition, [.dayIsClosed(owner, day: day)])
        }
    }

    func refuse(_ act: Act, _ reasons: [LifecycleRefusal.Reason]) throws { try refuse(act.mainTransition, reasons) }

    func refuse(_ transition: Transition, _ reasons: [LifecycleRefusal.Reason]) throws {
        if let refusal = LifecycleRefusal(transition, reasons) { throw RegistryError.refused(refusal) }
    }
}

extension Act {
    /// Whether a card leaves the office by it.
    fileprivate var letsACardOut: Bool { self == .handedOver || self == .givenBack || self == .dispatched }
}
