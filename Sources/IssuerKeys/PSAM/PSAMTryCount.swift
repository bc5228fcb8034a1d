/// How a place counts the tries of one module's master key, from run to run.
///
/// A blank's published key and the issuer's master key take turns in one place of the module, which has one counter.
public protocol PSAMTryCount {
    /// Whether this place has begun a load that may have replaced the blank's key.
    var isLoadBegun: Bool { get }

    /// Notes that a load begins, before the command that replaces the blank's key; the note outlives the machine's power.
    func noteLoadBegun() throws(CardKeyError)

    /// Counts a try as spent before it is; refuses the last one that anybody knows of, unless two officers let it be.
    ///
    /// - Returns: what was known to be left; nil for a full counter.
    func spend() throws(CardKeyError) -> Int?

    /// Notes what the module said to the try.
    func settle(_ outcome: PSAMTryOutcome) throws(CardKeyError)
}

/// What became of a try of a module's master key.
public enum PSAMTryOutcome: Hashable, Sendable {
    /// The module took the key, and its counter is full again.
    case taken
    /// It refused the key and told how many tries are left.
    case left(Int)
    /// It compared the key and did not tell what is left: the try stays counted.
    case compared
    /// It compared nothing: so many tries are left as were before, nil for a full counter.
    case notCompared(before: Int?)
}
