import Lifecycle
import Personalization
import Registry

/// What has been applied for, and ruled on, before a card is made in front of its holder.
extension InstantIssueDesk {
    /// Refuses a card whose newest application waits, was sent back or was rejected; a first card also without what the policy wants.
    ///
    /// - Parameter second: who signs beside the officer; nil also while nobody is asked yet.
    /// - Throws: ``IssueFlowError``.
    func checkApplication(
        of person: PersonReference, replacing replacement: IssuingRequest.Replacement?, second: Officer?,
        isConfirming: Bool = false
    ) throws {
        try checkFactory(makesNoCardFor: person)
        let kind: ApplicationFacts.Kind = replacement.map { $0.reason == .lost ? .replacement : .renewal } ?? .first
        let newest = try registry.applications(of: person).filter { $0.facts.kind == kind }
            .max { $0.identifier < $1.identifier }
        if let newest, [.submitted, .supplement, .rejected].contains(newest.state) {
            throw IssueFlowError.applicationStands(newest.identifier, kind, newest.state)
        }
        guard kind == .first, newest.map({ [.approved, .inProduction].contains($0.state) }) != true else { return }
        switch registry.policy.firstCard {
        case .application: throw IssueFlowError.applicationMissing
        case .twoPersons: if isConfirming, second == nil { throw IssueFlowError.secondForFirstCard }
        case .free: break
        }
    }

    /// Refuses a second issue for somebody who has one in hand, and one of a first card for whoever has a card: it would be refused at the
    /// last, with the holder before the window.
    ///
    /// - Throws: ``IssueFlowError/chipInUse(_:_:)``, `IssuingError.hasCard`.
    func checkNothingOpen(for person: PersonReference, replacing replacement: IssuingRequest.Replacement?) throws {
        for other in try unfinished().issues where (other.person ?? other.intended) == person {
            let made = try madeCard(of: other)
            guard made?.state.isPastIssuing == true else {
                throw IssueFlowError.chipInUse(other.identifier, made?.facts?.number)
            }
        }
        if replacement == nil, let active = try registry.activeCard(of: person)?.facts?.number {
            throw IssuingError.hasCard(active)
        }
    }

    /// Refuses a card for somebody to whom a factory is to send one: what was approved for it is withdrawn first, and what is in production
    /// comes back.
    ///
    /// - Throws: ``IssueFlowError/factoryMakes(_:)``.
    func checkFactory(makesNoCardFor person: PersonReference) throws {
        let ordered = try registry.applications(of: person).first {
            $0.facts.way == .factory && [.approved, .inProduction].contains($0.state)
        }
        if let ordered { throw IssueFlowError.factoryMakes(ordered) }
    }
}
