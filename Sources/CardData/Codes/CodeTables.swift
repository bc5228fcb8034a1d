import Synchronization

/// A folder of code tables; each is read when it is first asked for.
public final class CodeTables: Sendable {
    /// The folder's path.
    public let folder: String
    private let loaded = Mutex<[String: CodeTable]>([:])

    /// Names a folder; nothing is read yet.
    public init(folder: String) { self.folder = folder }

    /// The table of the file `name.csv`; throws `code-table.name` for a name that is no plain word, and what reading throws.
    public func table(named name: String) throws(Faults) -> CodeTable {
        if let table = loaded.withLock({ $0[name] }) { return table }
        // A layout names its tables: such a name must not lead out of the folder.
        guard !name.isEmpty, name.utf8.allSatisfy({ isPlain($0) }) else {
            throw Faults("code-table.name", ["name": String(name.prefix(40))])
        }
        let file = folder + "/" + name + ".csv"
        let table = try CodeTable(name: name, csv: try BoundedFile.readText(file, limit: 4 << 20), file: file)
        loaded.withLock { $0[name] = table }
        return table
    }
}

private func isPlain(_ character: UInt8) -> Bool {
    switch character {
    case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, UInt8(ascii: "-"): true
    default: false
    }
}
