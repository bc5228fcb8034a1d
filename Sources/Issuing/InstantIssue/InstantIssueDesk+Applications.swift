import Lifecycle
import Personalization
import Registry

/// What has been applied for, and ruled on, before a card is made in front of its holder.
extension InstantIssueDesk {
    /// As ``ApplicationRule/check(_:of:for:second:isConfirming:)``, of the card that an issue is for.
    ///
    /// - Throws: ``IssueFlowError``.
    func checkApplication(
        of person: PersonReference, replacing replacement: IssuingRequest.Replacement?, second: Officer?,
        isConfirming: Bool = false
    ) throws {
        try ApplicationRule.check(
            registry, of: person, for: replacement?.reason, second: second, isConfirming: isConfirming)
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

    /// As ``ApplicationRule/checkFactory(_:makesNoCardFor:)``.
    ///
    /// - Throws: ``IssueFlowError/factoryMakes(_:)``.
    func checkFactory(makesNoCardFor person: PersonReference) throws {
        try ApplicationRule.checkFactory(registry, makesNoCardFor: person)
    }
}
