import Dispatch

/// Who waits for a commit, and whether somebody is about to commit for them.
struct CommitLine {
    /// Requests that share a commit.
    struct Round {
        var requests: [LogWriter.Request] = []
        /// Left when all of them have been answered.
        ///
        /// Whoever waits, waits for this one: a call of the system for each window would take longer than the window's act.
        let ended = DispatchGroup()

        init() { ended.enter() }
    }

    /// Bounds how long the first of a crowd waits for its answer.
    private static let requestsInOneRound = 1000

    /// In the order in which they are committed; all but the last are full.
    private var rounds: [Round] = []
    private var isServed = false
    var pace = CommitPace()
    /// How many requests the commit that is about to begin waits for; nil when it does not wait.
    var wanted: Int?

    /// How many share the next commit, as it stands.
    var count: Int { rounds.first?.requests.count ?? 0 }

    /// Puts a request in the line.
    ///
    /// - Returns: whether nobody serves the line, which is then the caller's to do, and the end of the round that it is in.
    mutating func join(_ request: LogWriter.Request) -> (isFirst: Bool, ended: DispatchGroup) {
        if rounds.last.map({ $0.requests.count >= Self.requestsInOneRound }) ?? true { rounds.append(Round()) }
        rounds[rounds.count - 1].requests.append(request)
        defer { isServed = true }
        return (!isServed, rounds[rounds.count - 1].ended)
    }

    /// Takes those who share the next commit out of the line; nil when nobody waits.
    mutating func takeRound() -> Round? { rounds.isEmpty ? nil : rounds.removeFirst() }

    /// Whether nobody waits; then nobody serves the line any more.
    mutating func isDone() -> Bool {
        isServed = !rounds.isEmpty
        return !isServed
    }
}
