import CardData

/// Does every act once, however often its form arrives: a reload, a double click, a proxy's second try.
///
/// Forms carry a key of their own. The first arrival does the act, further ones get the same answer. An act that was refused
/// changed nothing, so its key may be used again; one that broke off and may have cost something is not tried again under its key,
/// which keeps the error. Keys live as long as the process: a restart ends all sessions, and with them
/// their forms.
actor OnceLedger<Answer: Sendable> {
    private struct Entry {
        let fingerprint: [UInt8]
        let answer: Task<Answer, any Error>
    }

    private var entries: [String: Entry] = [:]
    private var order: [String] = []
    private let limit = 20_000
    private let isKept: @Sendable (any Error) -> Bool

    /// An empty ledger.
    ///
    /// - Parameter isKept: whether an error is the answer for good, because the work may have changed something all the same.
    init(keeping isKept: @escaping @Sendable (any Error) -> Bool = { _ in false }) { self.isKept = isKept }

    /// The answer to a form: of this work, or of the first that had the key.
    ///
    /// - Parameter fingerprint: what the form says; another form under the same key is refused.
    func once(
        _ key: String, fingerprint: [UInt8], _ work: @escaping @Sendable () async throws -> Answer
    ) async throws -> Answer {
        if let entry = entries[key] {
            guard entry.fingerprint == fingerprint else { throw Faults("counter.form-used") }
            return try await entry.answer.value
        }
        // A task of its own: a browser that goes away does not stop an act in the midst.
        let answer = Task { try await work() }
        entries[key] = Entry(fingerprint: fingerprint, answer: answer)
        order.append(key)
        if order.count > limit { entries[order.removeFirst()] = nil }
        do {
            return try await answer.value
        } catch {
            if !isKept(error) { entries[key] = nil }
            throw error
        }
    }
}
