public import ISO7816

/// One reader as a batch uses it: card after card, put in by a person.
public protocol CardLane: Sendable {
    /// What people call the reader.
    var name: String { get }

    /// Waits until a card is in the reader that this lane has not given out before.
    ///
    /// - Throws: when the reader goes away for good; `CancellationError` at once when the task is cancelled.
    func nextCard() async throws

    /// Runs `body` with the card, on the reader's own thread.
    ///
    /// - Throws: what keeps the card from being reached, and whatever `body` throws; `CancellationError` only before `body` runs.
    func withCard<Value: Sendable>(
        _ body: @Sendable (any CardChannel) throws -> Value
    ) async throws -> Value
}
