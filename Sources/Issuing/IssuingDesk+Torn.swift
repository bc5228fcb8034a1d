import CardApplication
import CardData
import Registry

/// What is refused before a card is begun, and what is told when it refuses a key.
extension IssuingDesk {
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
