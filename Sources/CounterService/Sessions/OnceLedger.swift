import CardData

/// Does every act once, however often its form arrives: a reload, a double click, a proxy's second try, and the same again after a
/// restart of the service.
///
/// Forms carry a key of their own. The first arrival does the act, further ones get the same answer. An act that was refused
/// changed nothing, so its key may be used again; one that broke off and may have cost something is not tried again under its key,
/// which keeps the error. Where there is a ``OnceJournal``, a key outlives the process: an act that was begun and whose answer nobody
/// noted is not done again either, for nobody knows how it ended.
actor OnceLedger<Answer: OnceAnswer> {
    private struct Entry {
        /// What the form said; nil for one of an earlier process, of which only the journal tells.
        let fingerprint: [UInt8]?
        let answer: Task<Answer, any Error>
    }

    private var entries: [String: Entry] = [:]
    private var order: [String] = []
    private let limit = 20_000
    private let journal: OnceJournal?
    private let threads: RegistryThreads
    private let isKept: @Sendable (any Error) -> Bool

    /// A ledger.
    ///
    /// - Parameters:
    ///   - journal: where keys outlive the process; nil where they need not.
    ///   - isKept: whether an error is the answer for good, because the work may have changed something all the same.
    init(
        journal: OnceJournal? = nil, threads: RegistryThreads = RegistryThreads(count: 1),
        keeping isKept: @escaping @Sendable (any Error) -> Bool = { _ in false }
    ) {
        self.journal = journal
        self.threads = threads
        self.isKept = isKept
    }

    /// The answer to a form: of this work, or of the first that had the key.
    ///
    /// - Parameter fields: what the form says; another form under the same key is refused.
    /// - Throws: `counter.form-used`, `counter.form-unknown` for one that an earlier process began and did not end, `counter.once-file`
    ///   where the key cannot be noted, and what the work throws.
    func once(
        _ key: String, saying fields: Fields, _ work: @escaping @Sendable () async throws -> Answer
    ) async throws -> Answer {
        let fingerprint = try fields.fingerprint
        if let entry = entries[key] {
            guard entry.fingerprint == fingerprint else { throw Faults("counter.form-used") }
            return try await entry.answer.value
        }
        if let earlier = try journal?.earlier(key, saying: fields) {
            guard let answer = earlier.answer.flatMap(Answer.init(onceText:)) else {
                throw Faults("counter.form-unknown")
            }
            return answer
        }
        // A task of its own: a browser that goes away does not stop an act in the midst.
        let (journal, threads, isKept) = (journal, threads, isKept)
        let answer = Task {
            guard let journal else { return try await work() }
            // On the disk before anything is done: what a crash leaves is known as begun.
            try await threads.run { try journal.begin(key, saying: fields) }
            do {
                let answer = try await work()
                try? await threads.run { try journal.end(key, answer.onceText) }
                return answer
            } catch {
                if !isKept(error) { try? await threads.run { try journal.free(key) } }
                throw error
            }
        }
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
