/// How long a commit waits for company.
///
/// Windows that shared a commit are answered at the same moment and come back at nearly the same. Taken as they come, the first of them
/// would have a commit of its own and make all others wait for it: they would share two commits where one is enough. So the next commit
/// waits for as many as shared the last one, but never for more than a part of what a commit takes. A window that works alone never waits.
struct CommitPace: Sendable {
    /// The part of the last commit's time that is waited at most.
    private static let part: UInt64 = 4
    /// However long the last commit took.
    private static let longestWait: UInt64 = 2_000_000

    /// How many requests the next commit waits for.
    private(set) var companions = 0
    /// For how long at most, in nanoseconds.
    private(set) var patience: UInt64 = 0

    /// Notes a commit: how many requests shared it, and the nanoseconds that it took.
    mutating func note(requests: Int, nanoseconds: UInt64) {
        companions = requests
        patience = requests > 1 ? min(nanoseconds / Self.part, Self.longestWait) : 0
    }
}
