import CardApplication
public import CardData
import CardLayout
import ISO7816
public import Lifecycle
public import Personalization
import Registry

/// What keeps a torn card from being made twice, and the way out for one that cannot come back.
extension IssuingDesk {
    /// Gives up a card that was begun and can no longer be put into a reader: lost, broken, or mute.
    ///
    /// - Returns: the number that was on it and is given to no other card.
    @discardableResult
    public func spoil(chip: CardIdentity, handledBy handling: Handling) throws(IssuingError) -> CardNumber {
        do {
            guard let (journal, content, _) = try Journal.resume(in: journalFolder, card: chip, key: sealingKey) else {
                throw IssuingError.nothingBegun
            }
            try bookSpoiled(content, chip, handling)
            try journal.remove()
            return try content.cardNumber
        } catch {
            throw IssuingError(wrapping: error)
        }
    }

    /// A person has one card in the making: the blank that somebody put in instead of the torn one stays a blank.
    func checkForOtherChips(of number: SocialSecurityNumber, than card: CardIdentity) throws {
        for other in Journal.cards(in: journalFolder) where other != card {
            // A journal of another site is no hindrance here; whoever inserts its card hears of it.
            guard let (_, content, _) = try? Journal.resume(in: journalFolder, card: other, key: sealingKey) else { continue }
            guard content.values["citizenNumber"] != number.text else { throw IssuingError.begunOnAnotherCard(other) }
        }
    }

    /// Numbers are reserved for chips: a chip whose number is used or locked made a card before, which the stock has counted.
    func checkThatChipIsFresh(_ number: CardNumber) throws {
        guard let state = try registry.state(of: number), state != .reserved else { return }
        throw IssuingError.chipSpent(number, state)
    }

    /// Adds the likely cause to an authentication that failed.
    func explaining<Result>(_ card: CardAtHand, _ body: () throws -> Result) throws -> Result {
        do {
            return try body()
        } catch {
            guard let diagnosis = card.diagnosis else { throw error }
            throw IssuingError.authentication(IssuingError(wrapping: error).faults, diagnosis)
        }
    }
}
