import CardData
import Hummingbird
import Issuing
import Lifecycle
import Personalization
import Registry
import SmartCardReader

/// The card in the reader: found by its chip, held against the record, and read for the acts that want it.
extension CounterWeb {
    func addChips(to router: Router<CounterContext>) {
        // Reading is a form and no address: the card is asked anew each time, and the holder's look-up is an event.
        form(router, "/chip") { visitor in
            try visitor.demandOffice()
            do {
                if isUnsigned(visitor) { return chipPage(visitor) }
                return try await foundByChip(visitor)
            } catch let error as any FaultReporting {
                return chipPage(visitor, faults: error.faults)
            }
        }
        form(router, "/cards/:card/chip") { visitor in
            let (card, _) = try await card(visitor)
            var view = cardHead(card, visitor)
            view["isOfCard"] = true
            do {
                if isUnsigned(visitor) { return chipPage(visitor, view) }
                let found = try await comparison(with: card, visitor)
                let read = ReadChip(found, at: desk.clocks.wall())
                sessions.note(read, of: card.reference, in: visitor.session.identifier)
                view.merge(comparisonView(found, visitor)) { $1 }
                view.merge(photoView(card, visitor, read: read)) { $1 }
                return chipPage(visitor, view)
            } catch let error as any FaultReporting {
                return chipPage(visitor, faults: error.faults, view)
            }
        }
    }

    private func chipPage(_ visitor: Visitor, faults: [Fault] = [], _ view: View = [:]) -> Response {
        var whole = view
        whole["purpose"] = visitor.fields["purpose"]
        whole["chip"] = chipView(.always, visitor)
        whole["lookUpSecond"] = lookUpSecond(visitor)
        return show("chip", visitor, title: pages.words.text("cardInReader", visitor.language), faults: faults, whole)
    }

    /// The page of the card in the reader, or what is told of one that has no page here.
    private func foundByChip(_ visitor: Visitor) async throws -> Response {
        let purpose = LookUpPurpose.offered.first { "\($0)" == visitor.fields["purpose"] } ?? .inquiry
        let standing = try await room.withCard(in: visitor.fields["reader"], for: visitor.person) {
            channel, desk in
            try desk.standing(of: channel)
        }
        guard [.issued, .unknown].contains(standing.kind), let text = standing.identificationCode else {
            var view = standingView(standing, visitor.language)
            let room = room
            // A card that was begun by steps goes on where they stopped.
            view["issueOfChip"] = try await room.blocking {
                try room.shelf.unfinished().issues.first { $0.chip != nil && $0.chip == standing.card }?.identifier
            }
            return chipPage(visitor, view)
        }
        let code = try IdentificationCode(hexadecimal: text)
        guard let card = try await desk.registry({ try $0.card(identificationCode: code) }), let facts = card.facts
        else { throw Faults("chip.not-registered", ["identificationCode": text]) }
        guard facts.blankSerial == standing.card?.bytes else { throw ChipError.anotherChip }
        _ = try await lookUp(facts.person, for: purpose, by: visitor)
        return goOn(to: "/cards/\(facts.number.text)")
    }

    private func comparison(with card: RegisteredCard, _ visitor: Visitor) async throws -> ChipComparison {
        // The card is asked first: a wrong one costs nobody a look-up.
        let reader = visitor.fields["reader"]
        _ = try await room.withCard(in: reader, for: visitor.person) { channel, desk in
            try desk.check(channel, is: card)
        }
        var holder: Person?
        if let person = card.facts?.person {
            let purpose = visitor.session.seen[person]?.purpose ?? .inquiry
            holder = try await lookUp(person, for: purpose, by: visitor)
        }
        return try await room.withCard(in: reader, for: visitor.person) { [holder] channel, desk in
            try desk.comparison(of: channel, with: card, holder: holder, readsPhoto: true)
        }
    }

    // MARK: - For the acts

    /// Whether a page has to speak of a reader for holders' cards: there is one, or nobody can tell whether there is.
    var hasReader: Bool { board.picture.trouble != nil || board.picture.slots.contains { !isForModules($0.name) } }

    /// Whether a reader takes no holder's card: a slot for security modules, or any other reader that is held for the PSAM in it.
    func isForModules(_ reader: ReaderName) -> Bool { reader.looksLikeSAMSlot || reader == room.keys?.heldReader }

    /// Reads the card of an act where the act wants it; what comes of it is a proof that nobody can tick.
    func proofFromChip(
        _ form: CardActForm, _ act: Act, on card: RegisteredCard, _ visitor: Visitor
    ) async throws -> Proofs {
        let rows = act.transitions(on: card.state).map(TransitionTable.row)
        let demand = ChipDemand(of: form, rows)
        let hasReader = demand == .atReader ? try await room.hasReader() : true
        guard demand.isOpen(rows, proofs: visitor.fields.proofs, hasReader: hasReader) else { return [] }
        _ = try await room.withCard(in: visitor.fields["reader"], for: visitor.person) { channel, desk in
            try desk.check(channel, is: card)
        }
        return .cardRead
    }

    /// What a form says of the card that has to lie in the reader; nil when none has to.
    ///
    /// - Parameter usual: the reader that is chosen where the form names none.
    func chipView(_ demand: ChipDemand, _ visitor: Visitor, usual: String = "") -> View? {
        guard demand != .none, demand != .atReader || hasReader else { return nil }
        let readers = readerViews(visitor.language).filter { $0["isSecurityModule"] as? Bool == false }
        let chosen = visitor.fields.values["reader"] ?? usual
        var view: View = [
            "chipHint": pages.words.text("chip-\(demand.rawValue)", visitor.language), "readers": readers,
            "hasSeveralReaders": readers.count > 1,
            "readerOptions": readers.map { reader in
                ["name": reader["name"] ?? "", "isChosen": reader["name"] as? String == chosen] as View
            },
        ]
        view["readerTrouble"] = readerTrouble(visitor.language)
        return view
    }
}
