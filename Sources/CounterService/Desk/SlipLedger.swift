import CardData
import Foundation
import Synchronization

/// Which slips were printed at this counter, so that a second print says 副本.
///
/// A line a slip in `DATA/operators/slips`, on the disk before the original is shown. Half a line that a crash left is taken away before
/// anything is written behind it: two numbers run together would be a slip that nobody printed.
final class SlipLedger: Sendable {
    private struct State {
        var printed: Set<UInt64> = []
        /// Whether what is known is what the file says; not so after a line that could not be written or taken back.
        var isRead = false
    }

    private let path: String
    private let state = Mutex(State())

    /// The ledger of a data folder.
    init(dataFolder: String) throws(Faults) {
        let folder = dataFolder + "/operators"
        path = folder + "/slips"
        do {
            try FileManager.default.createDirectory(
                atPath: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        } catch {
            throw Faults("counter.slip-file", ["file": folder])
        }
        guard state.withLock({ read(into: &$0) }) else { throw Faults("counter.slip-file", ["file": path]) }
    }

    /// Notes that a slip is printed now; true when it was printed before, so that this one is a copy.
    ///
    /// A line that reached the disk although its writing failed makes the next print a copy: never are there two originals.
    func note(_ slip: UInt64) throws(Faults) -> Bool {
        let isCopy: Bool? = state.withLock { state in
            guard state.isRead || read(into: &state) else { return nil }
            if state.printed.contains(slip) { return true }
            guard DurableFile.append(String(slip), to: path) else {
                state.isRead = false
                return nil
            }
            state.printed.insert(slip)
            return false
        }
        guard let isCopy else { throw Faults("counter.slip-file", ["file": path]) }
        return isCopy
    }

    /// Whether a slip was printed before.
    func isPrinted(_ slip: UInt64) -> Bool { state.withLock { $0.printed.contains(slip) } }

    private func read(into state: inout State) -> Bool {
        guard let lines = DurableFile.wholeLines(of: path) else { return false }
        state.printed = Set(lines.compactMap { UInt64(String(decoding: $0, as: UTF8.self)) })
        state.isRead = true
        return true
    }
}
