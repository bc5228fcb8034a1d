import CardData
import Lifecycle
import Testing

@testable import Registry

/// A cancellation is reported by one office and made final by another, and there is one of it.
@Suite struct CancellingTests {
    private static let upperTier = Officer(number: 4001, role: .upperTier)
    private static let another = Officer(number: 4002, role: .upperTier)

    private static func reasons(_ body: () throws -> Void) throws -> [LifecycleRefusal.Reason] {
        do {
            try body()
            return []
        } catch let error as RegistryError {
            guard case .refused(let refusal) = error else { throw error }
            return refusal.reasons
        }
    }

    @Test func aCardIsNotCancelledTwice() throws {
        let registry = try Office().open()
        let card = try registry.makeCard(1, for: try Office.person(11))
        let first = try registry.record(.cancelled(.death), on: card, handledBy: Office.teller).identifier
        #expect(
            try Self.reasons { try registry.record(.cancelled(.emigration), on: card, handledBy: Office.teller) }
                == [.alreadyCancelled(first)])
        #expect(try registry.card(card)?.state.restrictions.count == 1)
    }

    @Test(arguments: [1001, 1003] as [UInt64]) func whoSignedItDoesNotConfirmItNorSignBesideWhoDoes(number: UInt64)
        throws
    {
        let registry = try Office().open()
        let card = try registry.makeCard(1, for: try Office.person(11))
        let cancelled = try registry.record(.cancelled(.death), on: card, handledBy: Office.teller).identifier
        let own = [
            Handling(
                by: Officer(number: number, role: .upperTier), second: Self.another, proofs: Office.everyProof),
            Handling(
                by: Self.upperTier, second: Officer(number: number, role: .upperTier), proofs: Office.everyProof),
        ]
        for handling in own {
            #expect(
                try Self.reasons {
                    try registry.record(.cancellationConfirmed(cancelled), on: card, handledBy: handling)
                } == [.confirmsOwn(cancelled)])
        }
        try registry.record(
            .cancellationConfirmed(cancelled), on: card,
            handledBy: Handling(by: Self.upperTier, second: Self.another, proofs: Office.everyProof))
        #expect(try registry.card(card)?.state.social == .ended(.cancelled))
    }
}
