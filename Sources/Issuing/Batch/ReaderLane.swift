public import ISO7816
public import SmartCardReader
import Synchronization

/// A PC/SC reader as a lane of a batch.
public final class ReaderLane: CardLane {
    private let reader: SmartCardReader
    private let notice: @Sendable (WaitingNotice) -> Void
    private let reminder: Reminder
    private let given = Mutex<ReaderDescription?>(nil)

    /// A lane.
    ///
    /// - Parameters:
    ///   - reader: its reader.
    ///   - reminder: when somebody who waits for a card, or for its removal, is reminded.
    ///   - notice: told what that person should know.
    public init(
        _ reader: SmartCardReader, reminder: Reminder = Reminder(),
        notice: @escaping @Sendable (WaitingNotice) -> Void = { _ in }
    ) {
        self.reader = reader
        self.reminder = reminder
        self.notice = notice
    }

    /// The reader's name.
    public var name: String { reader.name.rawValue }

    /// Waits until the card before is gone and another is there; restarts of the PC/SC service are waited through.
    public func nextCard() async throws {
        if let before = given.withLock({ $0 }) {
            _ = try await reader.waitForRemoval(of: before, reminder: reminder, notice: notice)
        }
        let card = try await reader.waitForCard(reminder: reminder, notice: notice)
        given.withLock { $0 = card }
    }

    /// Takes hold of the card for itself alone, in one transaction, and resets it afterwards.
    public func withCard<Value: Sendable>(
        _ body: @Sendable (any CardChannel) throws -> Value
    ) async throws -> Value {
        try await reader.withCard(body)
    }
}
