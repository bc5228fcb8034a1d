import Foundation

/// Worn contacts, or a card that is not quite in: it stays mute when it is powered, and answers at the next try (card.md §5.5, §8).
enum PowerUp {
    /// How often a card is powered before it is told as mute; devices in the field do it as often.
    static let attempts = 3
    /// Seconds between two, for contacts to settle.
    static let pause = 0.2

    /// Does what powers a card, again where the card stays mute; every other failure is told at once.
    ///
    /// - Parameter settle: waits between two attempts, on the thread that calls.
    static func retried<Answer: ~Copyable>(
        settle: () -> Void = { Thread.sleep(forTimeInterval: pause) }, _ attempt: () throws(PCSCFailure) -> Answer
    ) throws(PCSCFailure) -> Answer {
        for _ in 1..<attempts {
            do throws(PCSCFailure) {
                return try attempt()
            } catch {
                guard error.isMute else { throw error }
            }
            settle()
        }
        return try attempt()
    }
}
