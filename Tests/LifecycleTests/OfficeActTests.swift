import CardCryptography
import CardData
import Foundation
import Lifecycle
import Testing

/// Applications, stock and leases: what is judged beside the table's roles and proofs.
@Suite struct OfficeActTests {
    private let policy: LifecyclePolicy
    private let name = EventIdentifier(counter: 1, sequence: 1)

    init() throws { policy = try LifecyclePolicy.load() }

    private func handling(_ step: ApplicationStep, officer: UInt64 = 5) throws -> Handling {
        let handling = try Samples.handling(of: .application(name, step))
        return Handling(
            by: Officer(number: officer, role: handling.officer.role), second: handling.second,
            proofs: Samples.everyProof)
    }

    /// The states of lifecycle-and-sync.md §3 A once more: from where each step may start.
    @Test func everyStepLeadsFromItsStatesAlone() throws {
        let steps: [(ApplicationStep, Set<ApplicationState>, ApplicationState)] = [
            (.supplementAsked(), [.submitted], .supplement), (.supplemented, [.supplement], .submitted),
            (.approved, [.submitted], .approved), (.rejected(.photo), [.submitted], .rejected),
            (.withdrawn, [.submitted, .supplement, .approved], .withdrawn),
            (.productionBegun, [.approved], .inProduction), (.productionFailed(), [.inProduction, .ready], .approved),
            (.ready(try Samples.card()), [.inProduction], .ready), (.collected(), [.ready], .collected),
            (.lapsed(), [.ready], .lapsed), (.collectionUndone, [.collected], .ready),
        ]
        for state in ApplicationState.allCases {
            let application = Application(
                identifier: name, facts: try Samples.application(), enteredBy: 1, state: state)
            for (step, from, to) in steps {
                let after = try? application.applying(step, handledBy: try handling(step), under: policy)
                #expect(after?.state == (from.contains(state) ? to : nil), "\(step) from \(state)")
            }
        }
    }

    @Test func nobodyApprovesWhatTheyEntered() throws {
        let application = Application(identifier: name, facts: try Samples.application(), enteredBy: 5)
        let refusal = try #require(
            throws: LifecycleRefusal.self,
            performing: { try application.applying(.approved, handledBy: try handling(.approved), under: policy) })
        #expect(refusal.reasons == [.approvesOwn])
    }

    @Test func nobodyRulesOnWhatTheyAddedToNorSignsBesideWhoDoes() throws {
        let application = Application(identifier: name, facts: try Samples.application(), enteredBy: 1)
        func reasons(_ step: ApplicationStep, officer: UInt64, second: UInt64?) throws -> [LifecycleRefusal.Reason] {
            let handling = Handling(
                by: Officer(number: officer, role: .supervisor),
                second: second.map { Officer(number: $0, role: .supervisor) }, proofs: Samples.everyProof)
            do {
                _ = try application.applying(step, handledBy: handling, preparedBy: [7, 8], under: policy)
                return []
            } catch { return error.reasons }
        }
        for step in [ApplicationStep.approved, .rejected(.photo)] {
            #expect(try reasons(step, officer: 5, second: nil) == [])
            #expect(try reasons(step, officer: 5, second: 6) == [])
            for (officer, second) in [(7, nil), (8, 6), (5, 7), (5, 1)] as [(UInt64, UInt64?)] {
                #expect(try reasons(step, officer: officer, second: second) == [.approvesOwn])
            }
        }
        #expect(try reasons(.supplementAsked(), officer: 7, second: nil) == [])
    }

    @Test func eachWritesOffTheirOwnAndAStockKeeperWhatTheyName() throws {
        let piece = StockPiece(serial: [0x99, 1], kind: .blank, owner: 7)
        func reasons(_ officer: UInt64, _ role: Role, naming owner: UInt64? = nil) throws -> [LifecycleRefusal.Reason] {
            StockMove.missed(.blank, try Samples.serials(1), of: owner).reasonsAgainst(
                book: [piece], handledBy: Handling(by: Officer(number: officer, role: role)))
        }
        #expect(try reasons(7, .teller).isEmpty)
        #expect(try reasons(5, .teller) == [.pieceOfAnother(piece, officer: 5)])
        #expect(try reasons(5, .teller, naming: 7) == [.pieceOfAnother(piece, officer: 5)])
        #expect(try reasons(5, .stockKeeper) == [.pieceOfAnother(piece, officer: 5)])
        #expect(try reasons(5, .stockKeeper, naming: 7).isEmpty)
        #expect(try reasons(5, .stockKeeper, naming: 6) == [.pieceOfAnother(piece, officer: 6)])
        let kinds = StockMove.missed(.finished, try Samples.serials(1))
        #expect(
            kinds.reasonsAgainst(book: [piece], handledBy: Handling(by: Officer(number: 7, role: .teller)))
                == [.pieceNotInBook([0x99, 1])])
    }

    @Test func aHandOverOfStockIsSignedByTwoAndByNobodyElse() throws {
        let move = StockMove.handedOver(.blank, try Samples.serials(1, 2), from: 1, to: 2)
        func reasons(_ giver: UInt64, _ taker: UInt64?, owner: UInt64 = 1) throws -> [LifecycleRefusal.Reason] {
            move.reasonsAgainst(
                book: [1, 2].map { StockPiece(serial: [0x99, $0], kind: .blank, owner: owner) },
                handledBy: Handling(
                    by: Officer(number: giver, role: .stockKeeper),
                    second: taker.map { Officer(number: $0, role: .teller) }))
        }
        #expect(try reasons(1, 2).isEmpty)
        #expect(try reasons(1, nil) == [.bothSidesSign])
        #expect(try reasons(1, 3) == [.bothSidesSign])
        #expect(try reasons(3, 2) == [.bothSidesSign])
        #expect(try reasons(1, 2, owner: 7) == [.pieceNotOwned([0x99, 1], 1), .pieceNotOwned([0x99, 2], 1)])
    }

    @Test func whatIsInTheBookAsAnythingOrIsACardDoesNotComeInOnceMore() throws {
        let handling = Handling(by: Officer(number: 1, role: .stockKeeper), proofs: .paper)
        func reasons(
            _ kind: StockKind, book: [StockPiece] = [], _ card: CardState? = nil
        ) throws -> [LifecycleRefusal.Reason] {
            StockMove.received(kind, try Samples.serials(1)).reasonsAgainst(
                book: book, cards: card.map { [[0x99, 1]: $0] } ?? [:], handledBy: handling)
        }
        #expect(try reasons(.blank).isEmpty)
        for kind in StockKind.allCases {
            let piece = StockPiece(serial: [0x99, 1], kind: kind, owner: 7)
            for wanted in StockKind.allCases {
                #expect(try reasons(wanted, book: [piece]) == [.pieceInBook(piece)], "\(kind) as \(wanted)")
            }
        }
        // What the plastic is: a card in the office is finished, a spoiled or ended one is for the box, a destroyed one is nobody's and no blank.
        let may: [PhysicalState: Set<StockKind>] = [
            .personalized: [.finished], .awaitingCollection: [.finished], .recovered: [.finished],
            .spoiled: [.spoiled], .destroyed: Set(StockKind.allCases).subtracting([.blank]),
        ]
        for state in PhysicalState.allCases {
            for kind in StockKind.allCases {
                let told = try reasons(kind, CardState(physical: state, social: .sealed))
                let isAllowed = may[state]?.contains(kind) == true
                #expect(told == (isAllowed ? [] : [.pieceIsCard([0x99, 1], kind, state)]), "\(state) as \(kind)")
            }
        }
        let ended = CardState(physical: .recovered, social: .ended(.renewed))
        #expect(try reasons(.spoiled, ended).isEmpty)
        #expect(try reasons(.finished, ended) == [.pieceIsCard([0x99, 1], .finished, .recovered)])
    }

    @Test func nobodyAppliesTwiceForOneThingNorForAFirstCardBesideACard() throws {
        func facts(_ kind: ApplicationFacts.Kind) throws -> ApplicationFacts {
            ApplicationFacts(person: try Samples.person(), kind: kind, way: .instant, channel: .counter)
        }
        for kind in ApplicationFacts.Kind.allCases {
            let open = Application(identifier: name, facts: try facts(kind), enteredBy: 1)
            for wanted in ApplicationFacts.Kind.allCases {
                let told = try facts(wanted).reasonsAgainst(beside: [open], hasCard: false)
                #expect(told == (wanted == kind ? [.applicationOpen(name, kind)] : []))
            }
            let beside = try facts(kind).reasonsAgainst(beside: [], hasCard: true)
            #expect(beside == (kind == .first ? [.personHasCard] : []))
        }
    }

    @Test func aDayClosesOnlyWhenWhatWasReadIsWhatTheBookSays() throws {
        let count = DayCount(day: 20_261_128, owner: 1, counted: [.blank: try Samples.serials(1, 2)])
        #expect(count.differences(from: [.blank: [[0x99, 1], [0x99, 2]]]).isEmpty)
        #expect(
            count.differences(from: [.blank: [[0x99, 1], [0x99, 3]], .spoiled: [[0x99, 9]]]) == [
                .pieceNotRead(.blank, [0x99, 3]), .pieceNotOwned([0x99, 2], 1), .pieceNotRead(.spoiled, [0x99, 9]),
            ])
    }

    @Test func whatWasTypedClosesADayAsThePolicySays() throws {
        let read = DayCount(day: 20_261_128, owner: 1, counted: [.blank: try Samples.serials(1, 2)])
        let typed = DayCount(
            day: 20_261_128, owner: 1, counted: [.blank: try Samples.serials(1, 2)], typed: try Samples.serials(2))
        let book: [StockKind: Set<[UInt8]>] = [.blank: [[0x99, 1], [0x99, 2]]]
        let supervised = try LifecyclePolicy.parse(site: "version: x\ntyped-pieces: supervised", file: "site.yaml")
        let refused = try LifecyclePolicy.parse(site: "version: x\ntyped-pieces: refused", file: "site.yaml")
        func reasons(
            _ count: DayCount, _ policy: LifecyclePolicy, second: Role? = .supervisor, _ proofs: Proofs = .paper
        ) -> [LifecycleRefusal.Reason] {
            count.reasonsAgainst(
                book,
                handledBy: Handling(
                    by: Officer(number: 1, role: .teller), second: second.map { Officer(number: 2, role: $0) },
                    proofs: proofs), under: policy)
        }
        for policy in [supervised, refused] { #expect(reasons(read, policy, second: nil, []).isEmpty) }
        #expect(reasons(typed, supervised).isEmpty)
        #expect(reasons(typed, supervised, second: nil) == [.typedWithoutReason(1)])
        #expect(reasons(typed, supervised, second: .teller) == [.typedWithoutReason(1)])
        #expect(reasons(typed, supervised, []) == [.typedWithoutReason(1)])
        #expect(reasons(typed, refused) == [.pieceTyped([0x99, 2])])
    }

    @Test func serialsAreEachOnceAndInOrder() throws {
        #expect(ChipSerials([]) == nil)
        // T8 to TD of the historical bytes of a card of FMCOS, card.md §2.7
        let historical: [UInt8] = [0x00, 0x90, 0x46, 0x53, 0x31, 0x86, 0x49, 0x99, 0x01, 0x00, 0x00, 0x00, 0x21]
        #expect(historical[ChipSerials.ownNumberStart(of: historical)...] == [0x99, 0x01, 0x00, 0x00, 0x00, 0x21])
        #expect(ChipSerials.ownNumberStart(of: [1, 2, 3]) == 0)
        #expect(ChipSerials([[1], [1]]) == nil)
        #expect(ChipSerials([[]]) == nil)
        #expect(ChipSerials([Array(repeating: 1, count: 17)]) == nil)
        #expect(ChipSerials([[2], [1]])?.serials == [[1], [2]])
    }

    @Test func aLeaseIsUsedOnlyAsItSays() throws {
        let lease = try Samples.required(
            Lease(
                counter: 9, area: "990101", numbers: try CardNumberRange(letter: "D", first: 0, last: 9),
                terms: LeaseTerms(registerHours: 24, cardsPerDay: 3, cards: 10)))
        func reasons(
            counter: UInt64 = 9, area: String = "990101", number: String = "D00000005", age: Int = 24, today: Int = 2,
            all: Int = 9
        ) throws -> [LeaseRefusal] {
            lease.reasonsAgainst(
                LeasedMaking(
                    counter: counter, area: area, number: try CardNumber(number), registerAgeHours: age,
                    madeToday: today, madeInAll: all))
        }
        #expect(try reasons().isEmpty)
        #expect(try reasons(counter: 8) == [.anotherCounter(9)])
        #expect(try reasons(area: "990102") == [.anotherArea("990101")])
        #expect(try reasons(number: "D2143569X") == [.numberNotLeased(try CardNumber("D2143569X"))])
        #expect(
            try reasons(age: 25, today: 3, all: 10) == [
                .registerTooOld(hours: 25, allowed: 24), .dayUsedUp(3), .usedUp(10),
            ])
        #expect(lease.left(after: 4) == 6)
        #expect(
            Lease(
                counter: 9, area: "990101", numbers: lease.numbers,
                terms: LeaseTerms(registerHours: 1, cardsPerDay: 1, cards: 11))
                == nil)
    }

    /// The codes of card.md §5.1 A and B.
    @Test func aStateIsToldInTheDialectOfItsRegion() throws {
        let dialects = Dictionary(uniqueKeysWithValues: try StatusDialect.all().map { ($0.name, $0) })
        func state(_ social: SocialFunction, _ kind: Restriction.Kind? = nil) -> CardState {
            CardState(
                physical: .withHolder, social: social,
                restrictions: Set(kind.map { [Restriction($0, openedBy: name)] } ?? []))
        }
        let national = try Samples.required(dialects["national"])
        let published: [ShownState: UInt8] = [
            .sealed: 0, .normal: 1, .loss: 2, .hold: 3, .pinLock: 3, .temporaryLoss: 4, .ended: 9,
        ]
        #expect(try StatusDialect.nationalCodes() == published)
        for shown in ShownState.allCases { #expect(shown.applicationStatus == published[shown]) }
        for shown in ShownState.allCases {
            let all: [ShownState: CardState] = [
                .sealed: state(.sealed), .normal: state(.enabled), .loss: state(.enabled, .loss),
                .hold: state(.enabled, .hold), .pinLock: state(.enabled, .pinLock),
                .temporaryLoss: state(.enabled, .temporaryLoss), .ended: state(.ended(.cancelled)),
            ]
            #expect(national.code(of: try Samples.required(all[shown])) == String(shown.applicationStatus))
        }
        let shandong = try Samples.required(dialects["shandong"])
        #expect(shandong.code(of: state(.sealed)) == "A")
        #expect(shandong.code(of: state(.enabled, .temporaryLoss)) == "B")
        #expect(shandong.code(of: state(.ended(.replaced))) == "3")
        #expect(shandong.code(of: state(.ended(.cancelled))) == "4")
        #expect(shandong.code(of: state(.enabled, .hold)) == nil, "no code is published")
        #expect(shandong.states(of: "3") == [.ended])
        #expect(national.states(of: "3") == [.hold, .pinLock])
    }

    /// The codes of card.md §5.1 B and C, as their systems list them.
    @Test func howFarAMakingHasComeIsReadInTheDialectOfItsSystem() throws {
        let dialects = Dictionary(uniqueKeysWithValues: try StatusDialect.all().map { ($0.name, $0) })
        func codes(_ name: String, _ codes: String, are stage: StatusDialect.Stage) throws {
            let dialect = try Samples.required(dialects[name])
            for code in codes.split(separator: " ") {
                #expect(dialect.stage(of: String(code)) == stage, "\(name) \(code)")
            }
        }
        try codes("vendor-person-status", "01 07 08", are: .standing(.inProduction))
        try codes("vendor-person-status", "10 11 12 13 14 15 16 17 18 19", are: .failed)
        try codes("tibet-card", "10 20 21 2a 2b 30 31 40 41", are: .standing(.inProduction))
        try codes("tibet-card", "22 23 2c 2d 32 33 51", are: .failed)
        try codes("tibet-card", "60", are: .standing(.ready))
        try codes("tibet-card", "70", are: .standing(.collected))
        try codes("tibet-batch-detail", "21 22 31 32 41", are: .failed)
        try codes("hebei", "21 22 23 24 25 26 27 30 41 42", are: .standing(.inProduction))
        try codes("hebei", "80 85", are: .failed)
        try codes("hebei", "32", are: .standing(.collected))
        try codes("hubei", "52 61 161 181 191 211", are: .failed)
        #expect(try Samples.required(dialects["hubei"]).states(of: "91") == [.temporaryLoss])
        // card.md §8, complaint 9: what nobody has published is neither good nor bad.
        #expect(try Samples.required(dialects["hebei"]).stage(of: "99") == nil)
        #expect(try Samples.required(dialects["national"]).stage(of: "1") == nil)
    }

    @Test func everyFaultOfADialectIsTold() throws {
        let text = """
            x:
              field: F
              codes: {happy: '1'}
              ends: {replaced: '2', bored: '3'}
              colour: red
            y:
              field: F
              production: {'1': ready, '2': lost}
            """
        let faults = try #require(throws: Faults.self, performing: { try StatusDialect.parse(text, file: "x.yaml") })
            .faults
        #expect(
            Set(faults.map { "\($0.code.rawValue) \($0.place?.line ?? 0)" }) == [
                "status-dialect.unknown-state 3", "status-dialect.unknown-state 4", "data-file.unknown-key 5",
                "status-dialect.unknown-stage 8",
            ])
    }

    @Test func aPolicyIsItsCitysOrRefused() throws {
        let key = try SM2.SigningKey.generate()
        let path = FileManager.default.temporaryDirectory.appending(path: "policy-\(UUID().uuidString).yaml").path
        defer { for file in [path, path + ".sig"] { try? FileManager.default.removeItem(atPath: file) } }
        let text = Array("version: 甲市-2\n".utf8)
        try Data(text).write(to: URL(filePath: path))
        func code(_ key: SM2.VerificationKey) -> String? {
            do { try PolicySignature.check(path, by: key) } catch { return error.faults.first?.code.rawValue }
            return nil
        }
        #expect(code(key.verificationKey) == "policy.unsigned")
        try PolicySignature.sign(text, with: key).write(toFile: path + ".sig", atomically: true, encoding: .utf8)
        #expect(code(key.verificationKey) == nil)
        #expect(code(try SM2.SigningKey.generate().verificationKey) == "policy.signature-wrong")
        try Data(text + [0x20]).write(to: URL(filePath: path))
        #expect(code(key.verificationKey) == "policy.signature-wrong")
    }
}
