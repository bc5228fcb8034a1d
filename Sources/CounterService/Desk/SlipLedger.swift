import CardData
import Foundation
import Synchronization

/// Which slips were printed at this counter, so that a second print says 副本.
///
/// A line a slip in `DATA/operators/slips`, on the disk before the original is shown.
final class SlipLedger: Sendable {
    private let path: String
    private let printed: Mutex<Set<UInt64>>

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
        let data = FileManager.default.contents(atPath: path) ?? Data()
        printed = Mutex(Set(String(decoding: data, as: UTF8.self).split(separator: "\n").compactMap { UInt64($0) }))
    }

    /// Notes that a slip is printed now; true when it was printed before, so that this one is a copy.
    func note(_ slip: UInt64) throws(Faults) -> Bool {
        let isCopy: Bool? = printed.withLock { printed in
            if printed.contains(slip) { return true }
            guard DurableFile.append(String(slip), to: path) else { return nil }
            printed.insert(slip)
            return false
        }
        guard let isCopy else { throw Faults("counter.slip-file", ["file": path]) }
        return isCopy
    }

    /// Whether a slip was printed before.
    func isPrinted(_ slip: UInt64) -> Bool { printed.withLock { $0.contains(slip) } }
}
