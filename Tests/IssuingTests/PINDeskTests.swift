import CardApplication
import CardCryptography
import CardData
import CardLayout
import ISO7816
import Issuing
import Lifecycle
import Registry
import Testing
import VirtualCard

/// The services for the PIN at a counter, on issued cards of every card operating system.
@Suite struct PINDeskTests {
    static let layouts = [
        "national-2.0", "national-3.0", "national-2.0@fmcos", "national-2.0@timecos", "national-2.0@t514",
        "national-2.0@mcos",
    ]

    let counter: Counter

    /// Of resets there are more in a test than a window has in a day.
    init() throws { try self.init(policy: "pin-acts-per-day: 1000\nacts-per-day: {}") }

    private init(policy: String) throws { counter = try Counter(policy: policy) }

    // MARK: - Issued cards

    func issued(_ layout: String) throws -> (VirtualCard, IssuedCard) {
        let profile = try counter.preparation.library.entry(layout).compiled.profile
        let card = try VirtualCard(profile: profile, serialNumber: [0x99, 0x01, 0x00, 0x00, 0x00, 0x01])
        let request = IssuingRequest(
            person: counter.row(), layoutName: layout, pin: try pin("925814"), handling: Counter.personalizer)
        return (card, try counter.desk.issue(request, through: VirtualCardChannel(card)))
    }

    func pin(_ digits: String) throws -> PersonalIdentificationNumber { try .init(digits: digits) }

    func desk(_ layout: String, lastTry: LastTryPermission? = nil) throws -> PINDesk {
        PINDesk(
            registry: counter.registry, preparation: counter.preparation,
            visits: VisitPolicy(folder: counter.folder + "/tries", isDevelopment: true, lastTry: lastTry),
            cards: [try counter.preparation.library.entry(layout).compiled],
            journalFolder: counter.folder + "/journal")
    }

    @discardableResult
    func serve(
        _ act: HolderPIN.Act, _ layout: String, _ card: VirtualCard, ticket: String = "T-1",
        handling: Handling = Counter.teller, in directories: Set<String>? = nil, expecting seen: UInt64? = nil,
        through channel: (any CardChannel)? = nil
    ) throws -> PINOutcome {
        try desk(layout).serve(
            PINRequest(act, ticket: ticket, handling: handling, directories: directories, expecting: seen),
            through: channel ?? VirtualCardChannel(card))
    }

    /// Whether every directory with a PIN takes these digits; asked past the desk and its records.
    func accepts(_ digits: String, _ layout: String, _ card: VirtualCard) throws -> Set<StatusWord> {
        let compiled = try counter.preparation.library.entry(layout).compiled
        let channel = try VirtualCardChannel(card)
        var answers: Set<StatusWord> = []
        let packed = try pin(digits).withPackedDigits { Array($0) }
        let parent = try #require(compiled.directories.first?.directory?.dedicatedFileName)
        for directory in compiled.directories where directory.security.keys.contains(where: \.isPIN) {
            let name = try #require(directory.directory?.dedicatedFileName)
            _ = try channel.transmit(CommandAPDU(0x00, 0xA4, 0x04, 0x00, data: parent))
            _ = try channel.transmit(CommandAPDU(0x00, 0xA4, 0x04, 0x00, data: name))
            answers.insert(try channel.transmit(CommandAPDU(0x00, 0x20, 0x00, 0x00, data: packed)).statusWord)
        }
        return answers
    }

    func block(_ layout: String, _ card: VirtualCard) throws {
        for _ in 0..<6 { _ = try accepts("111222", layout, card) }
        #expect(try accepts("925814", layout, card) == [.authenticationMethodBlocked])
    }

    func logged(_ card: IssuedCard) throws -> [Act] {
        try counter.registry.events(of: CardReference(card.identificationCode)).map(\.body.act)
    }

    // MARK: - PINs that others could guess

    @Test
    func `a PIN that can be guessed from the holder is refused while the card is untouched, unless the policy lets it`()
        throws
    {
        let layout = Self.layouts[0]
        let (card, issued) = try issued(layout)
        let birthDate = try #require(counter.row()["birthDate"])
        let number = try #require(counter.row()["citizenNumber"])
        let before = try logged(issued)
        for (digits, code) in [
            (String(birthDate.dropFirst(2)), "pin.birth-date"), (String(number.prefix(6)), "pin.in-number"),
        ] {
            for act in [
                HolderPIN.Act.change(from: try pin("925814"), to: try pin(digits)), .reset(to: try pin(digits)),
            ] {
                let error = try #require(throws: PINDeskError.self) { try serve(act, layout, card) }
                #expect(error.faults.map(\.code.rawValue) == [code])
                #expect(error.isUnchanged)
            }
        }
        #expect(try accepts("925814", layout, card) == [.success])
        #expect(try logged(issued) == before)
        let easy = try Self(policy: "pin-acts-per-day: 1000\nacts-per-day: {}\nrefused-pins: []")
        let (other, _) = try easy.issued(layout)
        try easy.serve(.reset(to: try pin(String(number.prefix(6)))), layout, other)
        #expect(try easy.accepts(String(number.prefix(6)), layout, other) == [.success])
    }

    // MARK: - The three services

    @Test(arguments: layouts) func theHolderChangesThePINEverywhereOnTheCard(layout: String) throws {
        let (card, made) = try issued(layout)
        let outcome = try serve(.change(from: pin("925814"), to: pin("4819520")), layout, card, ticket: "")
        let own = layout.hasSuffix("@fmcos") || layout.hasSuffix("@timecos")
        #expect(outcome.directories == (own ? ["SSSE", "DF01", "DF02", "DF03", "DF04"] : ["SSSE"]))
        #expect(try accepts("4819520", layout, card) == [.success])
        #expect(try accepts("925814", layout, card) == [.triesLeft(5)])
        #expect(try logged(made).last == .pinServed(.change, ticket: ""))
    }

    @Test(arguments: layouts) func aForgottenPINIsResetAndItsLockLifted(layout: String) throws {
        let (card, made) = try issued(layout)
        try block(layout, card)
        #expect(throws: PINDeskError.self) { try serve(.change(from: pin("925814"), to: pin("481952")), layout, card) }
        #expect(try logged(made).last == .pinLocked)
        let outcome = try serve(.reset(to: pin("481952")), layout, card, ticket: "工单 17")
        #expect(try accepts("481952", layout, card) == [.success])
        #expect(outcome.events.map(\.act.kind) == [.pinServed, .released])
        #expect(outcome.events.last?.state?.restrictions == [])
        #expect(try logged(made).suffix(2).first == .pinServed(.reset, ticket: "工单 17"))
    }

    @Test(arguments: layouts) func aBlockedPINGetsItsTriesBackAndStays(layout: String) throws {
        let (card, made) = try issued(layout)
        try block(layout, card)
        if layout.hasSuffix("@fmcos") || layout.hasSuffix("@timecos") {
            // the manuals of these systems have no unblocking without a new PIN
            let error = #expect(throws: PINDeskError.self) { try serve(.unblock, layout, card) }
            guard case .card(let error, let booked) = error else { return }
            #expect(error.isUnchanged && !booked && error.faults.map(\.code.rawValue) == ["pin.no-command"])
            return
        }
        try serve(.unblock, layout, card)
        #expect(try accepts("925814", layout, card) == [.success])
        #expect(try logged(made).last == .pinServed(.unblock, ticket: "T-1"))
    }

    // MARK: - Two windows

    @Test func whatAnotherWindowDidSinceTheCardWasShownLeavesTheChipAlone() throws {
        let layout = "national-2.0"
        let (card, made) = try issued(layout)
        let reference = CardReference(made.identificationCode)
        let shown = try #require(try counter.registry.card(reference)?.lastSequence)
        try counter.act(.handedOver, on: made)
        let before = card.image
        let acts: [HolderPIN.Act] = [
            .change(from: try pin("925814"), to: try pin("481952")), .reset(to: try pin("481952")), .unblock,
        ]
        for act in acts {
            #expect(throws: RegistryError.cardChanged(reference)) { try serve(act, layout, card, expecting: shown) }
        }
        #expect(card.image == before)
        #expect(try logged(made).last == .handedOver)
        // Whoever looks again is served; the lifted lock stands behind the service in one transaction.
        try block(layout, card)
        _ = try? serve(.change(from: pin("925814"), to: pin("481952")), layout, card)
        let now = try counter.registry.card(reference)?.lastSequence
        let outcome = try serve(.reset(to: pin("481952")), layout, card, expecting: now)
        #expect(outcome.events.map(\.act.kind) == [.pinServed, .released])
        #expect(try accepts("481952", layout, card) == [.success])
    }

    // MARK: - What is refused, with the card untouched

    @Test func whatTheRulesForbidDoesNotReachTheCard() throws {
        let (card, made) = try issued("national-2.0")
        let before = card.image
        let alone = Handling(by: Counter.teller.officer, proofs: [.identityDocument, .cardRead])
        let undocumented = Handling(by: Counter.teller.officer, second: Counter.teller.second, proofs: .cardRead)
        for handling in [alone, undocumented] {
            #expect(throws: RegistryError.self) {
                try serve(.reset(to: pin("481952")), "national-2.0", card, handling: handling)
            }
        }
        try counter.act(.temporaryLoss(LossReport(channel: .counter, reporter: .holder)), on: made)
        for act: HolderPIN.Act in [
            .unblock, .reset(to: try pin("481952")), .change(from: try pin("925814"), to: try pin("481952")),
        ] {
            #expect(throws: RegistryError.self) { try serve(act, "national-2.0", card) }
        }
        #expect(card.image == before)
    }

    @Test func aRequestNeedsATicketAndANewPIN() throws {
        for ticket in ["", "  ", String(repeating: "9", count: 121), "T\n1"] {
            #expect(throws: Faults.self) { try PINRequest(.unblock, ticket: ticket, handling: Counter.teller) }
        }
        #expect(throws: Faults.self) {
            try PINRequest(.change(from: pin("925814"), to: pin("925814")), handling: Counter.teller)
        }
    }

    @Test func aCardOfAnotherRegistryIsTheHoldersToChangeAndNobodysToReset() throws {
        let (card, _) = try issued("national-2.0")
        let elsewhere = try PINDeskTests()
        for act: HolderPIN.Act in [.unblock, .reset(to: try pin("481952"))] {
            #expect(throws: PINDeskError.self) { try elsewhere.serve(act, "national-2.0", card) }
        }
        let outcome = try elsewhere.serve(.change(from: pin("925814"), to: pin("481952")), "national-2.0", card)
        #expect(outcome.events.isEmpty && outcome.card == nil)
        #expect(try accepts("481952", "national-2.0", card) == [.success])
    }

    @Test func aCardThatDoesNotProveItselfGetsNoPIN() throws {
        let (card, _) = try issued("national-2.0")
        let before = card.image
        let liar = try AnsweringChannel(VirtualCardChannel(card), refusing: .securityStatusNotSatisfied) {
            $0.ins == 0x88
        }
        #expect(throws: PINDeskError.self) { try serve(.reset(to: pin("481952")), "national-2.0", card, through: liar) }
        #expect(card.image == before)
    }

    @Test func theLastTryTakesTwoOfficers() throws {
        let (card, _) = try issued("national-2.0")
        for left in (1...5).reversed() {
            let error = #expect(throws: PINDeskError.self) {
                try serve(.change(from: pin("111222"), to: pin("481952")), "national-2.0", card)
            }
            guard case .card(let error, _) = error else { continue }
            #expect(error.cause == .wrongPIN(triesLeft: left))
        }
        let error = #expect(throws: PINDeskError.self) {
            try serve(.change(from: pin("925814"), to: pin("481952")), "national-2.0", card)
        }
        if case .card(let error, _) = error { #expect(error.cause == .lastTry("PIN/00")) }
        let leave = try LastTryPermission(officer: 1002, second: 2001)
        _ = try desk("national-2.0", lastTry: leave).serve(
            PINRequest(.change(from: pin("925814"), to: pin("481952")), handling: Counter.teller),
            through: VirtualCardChannel(card))
        #expect(try accepts("481952", "national-2.0", card) == [.success])
    }
}
