import Lifecycle
import Registry

/// What has been applied for, and ruled on, before a card is made here, step by step or all at once.
enum ApplicationRule {
    /// Refuses a card whose newest application waits, was sent back or was rejected; a first card also without what the policy wants.
    ///
    /// The card that is made belongs to the approved application by itself: the registry takes its steps with the making.
    ///
    /// - Parameters:
    ///   - reason: why an old card ends with it; nil for a first card.
    ///   - second: who signs beside the officer; nil also while nobody is asked yet.
    ///   - isConfirming: whether the second person has to have signed by now.
    /// - Throws: ``IssueFlowError``.
    static func check(
        _ registry: Registry, of person: PersonReference, for reason: ReplacementReason?, second: Officer?,
        isConfirming: Bool
    ) throws {
        try checkFactory(registry, makesNoCardFor: person)
        let kind: ApplicationFacts.Kind = reason.map { $0 == .lost ? .replacement : .renewal } ?? .first
        let all = try registry.applications(of: person)
        let newest = all.filter { $0.facts.kind == kind }.max { $0.identifier < $1.identifier }
        if let newest, [.submitted, .supplement, .rejected].contains(newest.state) {
            throw IssueFlowError.applicationStands(newest.identifier, kind, newest.state)
        }
        // The old card has ended with one that was spoiled afterwards: the next is a first one, made for the application that stands.
        let isApproved = all.contains { $0.facts.way == .instant && [.approved, .inProduction].contains($0.state) }
        guard kind == .first, !isApproved else { return }
        switch registry.policy.firstCard {
        case .application: throw IssueFlowError.applicationMissing
        case .twoPersons: if isConfirming, second == nil { throw IssueFlowError.secondForFirstCard }
        case .free: break
        }
    }

    /// Refuses a card for somebody to whom a factory is to send one: what was approved for it is withdrawn first, and what is in production
    /// comes back.
    ///
    /// - Throws: ``IssueFlowError/factoryMakes(_:)``.
    static func checkFactory(_ registry: Registry, makesNoCardFor person: PersonReference) throws {
        let ordered = try registry.applications(of: person).first {
            $0.facts.way == .factory && [.approved, .inProduction].contains($0.state)
        }
        if let ordered { throw IssueFlowError.factoryMakes(ordered) }
    }
}
