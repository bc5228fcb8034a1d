public import CardData
public import ISO7816
public import Lifecycle
public import Personalization
import Registry

extension IssuingDesk {
    /// Gives up a card that was begun and will not be finished: it is booked as spoiled, and its journal removed.
    ///
    /// - Returns: the number that was on it and is given to no other card.
    @discardableResult
    public func spoil(
        through channel: any CardChannel, layoutName: String, handledBy handling: Handling
    ) throws(IssuingError) -> CardNumber {
        do {
            return try spoil(
                CardAtHand(channel, preparation, layoutName: layoutName, visits).identity, handledBy: handling)
        } catch {
            throw IssuingError(wrapping: error)
        }
    }

    /// Gives up a card that was begun and cannot be put into a reader any more, because it is lost or broken.
    ///
    /// - Returns: as ``spoil(through:layoutName:handledBy:)``.
    @discardableResult
    public func spoil(_ card: CardIdentity, handledBy handling: Handling) throws(IssuingError) -> CardNumber {
        do {
            guard let (journal, content, _) = try Journal.resume(in: journalFolder, card: card, key: sealingKey) else {
                throw IssuingError.nothingBegun
            }
            let person = try registry.reference(of: SocialSecurityNumber(content.values["citizenNumber"] ?? ""))
            return try withPersonInHand(person) { _ in
                try bookSpoiled(content, card, handling)
                try journal.remove()
                return try content.cardNumber
            }
        } catch {
            throw IssuingError(wrapping: error)
        }
    }

    /// Books the blank of a card that was begun as spoiled, once.
    func bookSpoiled(
        _ content: JournalContent, _ card: CardIdentity, _ handling: Handling
    ) throws {
        let code = try content.identificationCode
        // A crash between the commit and the journal's removal leaves both; the act is recorded once.
        if let standing = try registry.card(identificationCode: code) {
            if standing.state.physical == .spoiled { return }
            guard standing.facts?.blankSerial == card.bytes else {
                throw IssuingError.identificationCodeTaken(code)
            }
        }
        let spoilage = Spoilage(
            .writingFailed, number: try content.cardNumber, blankSerial: card.bytes)
        try registry.record(.spoiled(spoilage), on: CardReference(code), handledBy: handling)
    }
}
