/// A directory in the virtual card's memory; the root is the master file.
final class DirectoryNode {
    /// Whether the application can be used.
    enum Lock: UInt8 {
        /// It can.
        case open = 0
        /// Until APPLICATION UNBLOCK.
        case temporary = 1
        /// For good.
        case permanent = 2
    }

    let identifier: UInt16
    let name: [UInt8]
    var createRight: UInt8
    var eraseRight: UInt8
    /// Bytes reserved for the directory with its header and name, 0 where it takes what it needs; the master file has the whole chip.
    let size: Int
    /// What SELECT answers (cos-dialects §3.2).
    var shortIdentifierByte: UInt8
    private(set) weak var parent: DirectoryNode?
    var keyFile: KeyFile?
    var files: [FileNode] = []
    private(set) var children: [DirectoryNode] = []
    var lock = Lock.open
    /// Protected writes, or attempts to unblock, that failed in a row; the third locks for good (cos-dialects §11, 8).
    var failuresInARow: UInt8 = 0
    /// So many wrong MACs in a row lock a directory for good (cos-dialects §11.2).
    static let mostFailuresInARow: UInt8 = 3

    init(
        identifier: UInt16, name: [UInt8], createRight: UInt8, eraseRight: UInt8, size: Int, shortIdentifierByte: UInt8
    ) {
        self.identifier = identifier
        self.name = name
        self.createRight = createRight
        self.eraseRight = eraseRight
        self.size = size
        self.shortIdentifierByte = shortIdentifierByte
    }

    /// Neither a key file nor any other file: everything is allowed until the directory is left (cos-dialects §2.3).
    var isEmpty: Bool { keyFile == nil && files.isEmpty && children.isEmpty }

    /// How many directories lie above this one.
    var depth: Int { parent.map { $0.depth + 1 } ?? 0 }

    /// The identifiers that lead here from the master file, its own left out.
    var path: [UInt16] { parent.map { $0.path + [identifier] } ?? [] }

    /// The directory that a path leads to.
    func descendant(_ path: [UInt16]) -> DirectoryNode? {
        guard let next = path.first else { return self }
        return children.first { $0.identifier == next }?.descendant(Array(path.dropFirst()))
    }

    func add(_ child: DirectoryNode) {
        child.parent = self
        children.append(child)
    }

    func remove(_ identifier: UInt16) {
        files.removeAll { $0.identifier == identifier }
        children.removeAll { $0.identifier == identifier }
    }

    func erase() {
        keyFile = nil
        files = []
        children = []
    }

    func file(shortIdentifier: UInt8) -> FileNode? { files.first { $0.shortIdentifier == shortIdentifier } }

    /// Bytes in use: the directory's own header and name, its key file, files and the directories below (cos-dialects §2.1).
    func usedSpace(headerSize: Int) -> Int {
        headerSize + (parent == nil ? 0 : name.count)
            + files.reduce(0) { $0 + headerSize + $1.bodySize }
            + children.reduce(0) { $0 + ($1.size == 0 ? $1.usedSpace(headerSize: headerSize) : $1.size) }
            + (keyFile.map { headerSize + $0.capacity } ?? 0)
    }
}
