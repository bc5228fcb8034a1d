import CardApplication
import CardData
import ISO7816
import IssuerKeys
import Issuing
import Personalization
import Registry
import Testing
import VirtualCard

/// Keys that cannot do all that a card needs: told before the blank is touched.
@Suite struct KeyNeedTests {
    /// The keys of the counter, but nothing is written into a card.
    private struct AuthenticationAlone: CardKeyService {
        let base: any CardKeyService

        func externalAuthentication(
            with key: CardKeyReference, of card: CardKeyContext, challenges: ChallengePair, form: CryptogramForm
        ) throws(CardKeyError) -> [UInt8] {
            try base.externalAuthentication(with: key, of: card, challenges: challenges, form: form)
        }

        func plainExternalAuthentication(
            with key: CardKeyReference, of card: CardKeyContext, challenge: [UInt8], form: CryptogramForm
        ) throws(CardKeyError) -> [UInt8] {
            try base.plainExternalAuthentication(with: key, of: card, challenge: challenge, form: form)
        }

        func verifyInternalAuthentication(
            answer: [UInt8], with key: CardKeyReference, of card: CardKeyContext, challenges: ChallengePair,
            form: CryptogramForm
        ) throws(CardKeyError) -> Bool {
            try base.verifyInternalAuthentication(
                answer: answer, with: key, of: card, challenges: challenges, form: form)
        }

        var identificationCodeKey: KeyName { KeyName(rawValue: "IRK") }

        func identificationCodeAuthentication(
            over groups: [UInt8], with key: CardKeyReference, of card: CardKeyContext
        ) throws(CardKeyError) -> [UInt8] {
            try base.identificationCodeAuthentication(over: groups, with: key, of: card)
        }

        func writeKeyCommand(_ request: WriteKeyRequest) throws(CardKeyError) -> CommandAPDU {
            throw .token(.keysStayInside)
        }

        func check(_ need: CardKeyNeed, of card: CardKeyContext) throws(CardKeyError) {
            if case .writeKey(.issuer, _) = need { throw .token(.keysStayInside) }
            try base.check(need, of: card)
        }

        func keyCheckValue(of key: CardKeyReference, card: CardKeyContext) throws(CardKeyError) -> KeyCheckValue {
            try base.keyCheckValue(of: key, card: card)
        }
    }

    @Test func `keys that stay inside begin no card`() async throws {
        let counter = try Counter()
        let site = counter.preparation
        let preparation = CardPreparation(
            library: site.library, keys: AuthenticationAlone(base: site.keys), policy: site.policy,
            today: site.today)
        let desk = IssuingDesk(
            registry: counter.registry, preparation: preparation, journalFolder: counter.folder + "/journal",
            sealingKey: try SealingKey.load(in: counter.folder + "/journal"))
        let people = try PersonFile.read(
            path: Counter.home + "/Fixtures/people.csv",
            expectedColumns: preparation.columns(layoutName: "national-2.0"))
        let blank = try counter.blank(1)
        let before = blank.image
        let report = try await IssuingBatch(desk: desk, requests: [counter.request(people[0])])
            .run(in: [TestLane("A", .card(blank))])
        #expect(report.obstacle.map(\.code.rawValue) == ["token.keys-stay-inside"])
        #expect(blank.image == before)
        #expect(counter.claims.isEmpty && counter.journals.isEmpty)
    }

    @Test func `a failure of the keys in the midst of a card is one of the keys, with 4`() {
        let catalogue = MessageCatalogue.standard
        let failed = PersonalizationError.interrupted(nil, .keys(.token(.lost("gone"))))
        #expect(failed.faults.map(\.code.rawValue) == ["personalization.keys-failed", "token.lost"])
        #expect(failed.faultsOfMigration.map(\.code.rawValue) == ["migrate.keys-failed", "token.lost"])
        for faults in [failed.faults, failed.faultsOfMigration] {
            #expect(faults.first.map { catalogue.exitCode(for: $0.code) } == 4)
        }
    }
}
