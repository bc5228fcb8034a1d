import CardData
import Foundation
import Issuing

/// 差错报告: the faults of a file, all of them on paper where a report is wanted, the first hundred on the screen.
struct FaultReport {
    private static let shownLimit = 100
    private let path: String?
    private let handle: FileHandle?
    private var shown: [Fault] = []
    private var count = 0

    /// Opens the report; throws `tool.cannot-write`.
    init(_ path: String?) throws(Faults) {
        self.path = path
        guard let path else {
            handle = nil
            return
        }
        guard FileManager.default.createFile(atPath: path, contents: nil, attributes: [.posixPermissions: 0o600]),
            let handle = FileHandle(forWritingAtPath: path)
        else { throw Faults("tool.cannot-write", ["file": path]) }
        self.handle = handle
        try write(FaultTable.head)
    }

    mutating func add(_ fault: Fault) throws(Faults) {
        count += 1
        if shown.count < Self.shownLimit { shown.append(fault) }
        try write(FaultTable.row(of: fault))
    }

    /// Puts a fault on paper that stands in the way of its own row alone.
    func note(_ fault: Fault) throws(Faults) { try write(FaultTable.row(of: fault)) }

    /// Ends the report and throws what it holds, if it holds anything.
    func finish() throws(Faults) {
        try? handle?.close()
        guard let faults = Faults(shown) else { return }
        guard count > shown.count else { throw faults }
        throw Faults(shown + [Fault("import.more-faults", ["more": String(count - shown.count)])]) ?? faults
    }

    private func write(_ row: String) throws(Faults) {
        guard let handle else { return }
        do {
            try handle.write(contentsOf: Data(row.utf8))
        } catch {
            throw Faults("tool.cannot-write", ["file": path ?? ""])
        }
    }
}
