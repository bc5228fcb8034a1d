import CardData
import Synchronization

/// Whether the data folder's disk still keeps what is written, as far as the last seconds tell.
///
/// Whoever asks how the service is must not make its disk work each time: a write that went well is good for a while.
final class DiskWatch: Sendable {
    /// How long a write that went well is trusted, in milliseconds.
    private static let trusted: UInt64 = 5000

    private let folder: String
    private let clock: @Sendable () -> UInt64
    private let goodAt = Mutex<UInt64?>(nil)

    /// - Parameter clock: the steady clock.
    init(folder: String, clock: @escaping @Sendable () -> UInt64) {
        self.folder = folder
        self.clock = clock
    }

    /// That nothing can be written; nil when it can.
    ///
    /// Blocks on the disk.
    func fault() -> Fault? {
        let now = clock()
        if let good = goodAt.withLock(\.self), now < good + Self.trusted { return nil }
        let fault = Disk.unwritableFault(at: folder)
        goodAt.withLock { $0 = fault == nil ? now : nil }
        return fault
    }
}
