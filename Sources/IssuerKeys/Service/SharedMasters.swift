import Glibc
import Synchronization

/// The masters of cities for threads that use them at once: several stands, each with masters of its own behind its own lock, so that
/// threads need not wait for each other.
///
/// A thread goes to the stand that is its own, and where another is at work there to the next; each stand fills as it is used.
final class SharedMasters: @unchecked Sendable {  // the locks guard what the pointer leads to, and the pointer stays
    /// More than the processors of a counter have threads at once.
    private static let count = 8

    private let stands: UnsafeMutablePointer<Mutex<CityMasters>>

    init(live: [KeyName: KeyVersion]) {
        stands = .allocate(capacity: Self.count)
        for index in 0..<Self.count { (stands + index).initialize(to: Mutex(CityMasters(live: live))) }
    }

    /// Uses the masters of a stand where nobody else is; of the thread's own where all are taken.
    func withMasters<Value: ~Copyable>(
        _ body: (inout sending CityMasters) throws(CardKeyError) -> sending Value
    ) throws(CardKeyError) -> Value {
        // threads' identities lie far apart and differ in their higher bits
        let own = Int(truncatingIfNeeded: (UInt64(pthread_self()) &* 0x9E37_79B9_7F4A_7C15) >> 61)
        for step in 0..<Self.count {
            let stand = (own + step) % Self.count
            if let value = try stands[stand].withLockIfAvailable(body) { return value }
        }
        return try stands[own].withLock(body)
    }

    deinit {
        stands.deinitialize(count: Self.count)
        stands.deallocate()
    }
}
