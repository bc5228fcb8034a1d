import ByteText
import CardCryptography
import Glibc

/// What has been done to one card so far, on disk, so that a torn card is finished and never begun anew for somebody else.
///
/// The file holds a sealed header (who the card is for) and one short line a step. The file is brought to the disk before the
/// first command and before the first irreversible step of a stage; all other lines are written without waiting: after a power
/// cut the journal can be behind the card, every stage before the PIN can be begun again from an older line, and what follows
/// the announced step of the lock is asked of the card. For the same reason outcomes in a stage that is begun again at its
/// beginning are written a few at a time.
///
/// Lines are written into room that was filled with zeros when the journal was begun; the first zero ends the text. A line that
/// makes the file longer would have to wait for the file system's own journal, and with it for everything that all other
/// programs have written: a tenth of a millisecond becomes several.
public final class Journal {
    /// How soon a line has to be out of this program.
    enum Urgency {
        /// With the lines that follow it: only the count of what was done depends on it.
        case gathered
        /// Before the next step.
        case written
        /// On the disk before the next step, so that the journal is never more than one step behind the card.
        case durable
    }

    /// Bytes for lines, several times what a card needs; a longer journal grows.
    private static let room = 16_384
    /// Lines written at once when nothing presses.
    private static let gatheredLimit = 8

    private let descriptor: Int32
    private let path: String
    /// Where the next line goes.
    private var end = 0
    /// Lines that are not in the file yet.
    private var gathered: [UInt8] = []
    private var gatheredCount = 0
    /// True for a journal that goes on: the stage it goes on with may lie before its last line, and must not be forgotten.
    private var isResumed = false

    private init(descriptor: Int32, path: String) {
        self.descriptor = descriptor
        self.path = path
    }

    deinit { close(descriptor) }

    /// Begins a journal; there must be none for this card.
    public static func begin(
        in folder: String, card: CardIdentity, content: some JournalHeader, key: SealingKey
    ) throws(JournalError) -> Journal {
        let path = type(of: content).path(in: folder, card)
        // A name of its own: two that begin at once must not write into each other's journal.
        let unfinished = "\(path).\(UInt64.random(in: .min ... .max))\(endOfUnfinished)"
        let descriptor = open(unfinished, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard descriptor >= 0 else { throw .cannotWrite(unfinished, errno) }
        defer { unlink(unfinished) }
        let journal = Journal(descriptor: descriptor, path: path)
        let line = try JournalFirstLine(content.sealed(for: card, key: key)).text
        let header = Array("\(line)\n".utf8)
        try journal.put((header + [UInt8](repeating: 0, count: room)).span, at: 0)
        journal.end = header.count
        try journal.bringToDisk()
        // The name comes last: a crash before it leaves a blank without a journal, and never a journal without its header.
        guard link(unfinished, path) == 0 else {
            let reason = errno
            // whoever was first has removed what others had begun
            let isThere = reason == EEXIST || reason == ENOENT && access(path, F_OK) == 0
            throw isThere ? .alreadyBegun(card) : .cannotWrite(path, reason)
        }
        removeUnfinished(of: path)
        try bringFolderToDisk(folder)
        return journal
    }

    private static let endOfUnfinished = ".new"

    /// Removes what beginnings of a card's journal left that a crash broke off: sealed, and of nobody's use.
    private static func removeUnfinished(of path: String) {
        let (folder, name) = parts(of: path)
        guard let directory = opendir(folder) else { return }
        defer { closedir(directory) }
        while let entry = readdir(directory) {
            let found = withUnsafeBytes(of: entry.pointee.d_name) { bytes in
                String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
            }
            if found.hasPrefix(name + "."), found.hasSuffix(endOfUnfinished) { unlink("\(folder)/\(found)") }
        }
    }

    private static func parts(of path: String) -> (folder: String, name: String) {
        guard let slash = path.lastIndex(of: "/") else { return (".", path) }
        let folder = String(path[..<slash])
        return (folder.isEmpty ? "/" : folder, String(path[path.index(after: slash)...]))
    }

    /// The file's name in its folder, from which ``card(ofFile:)`` finds the card again.
    public static func fileName(for card: CardIdentity) -> String { JournalContent.fileName(for: card) }

    /// The card that a journal's file name means; nil for any other name.
    public static func card(ofFile name: String) -> CardIdentity? {
        let end = JournalContent.fileExtension
        return name.hasSuffix(end) ? CardIdentity(text: String(name.dropLast(end.count))) : nil
    }

    /// Opens the journal of a torn card; nil when there is none.
    public static func resume(
        in folder: String, card: CardIdentity, key: SealingKey
    ) throws(JournalError) -> (Journal, JournalContent, Position)? {
        try resume(JournalContent.self, in: folder, card: card, key: key)
    }

    /// Opens the journal of one kind that a card has; nil when there is none.
    public static func resume<Header: JournalHeader>(
        _ kind: Header.Type, in folder: String, card: CardIdentity, key: SealingKey
    ) throws(JournalError) -> (Journal, Header, Position)? {
        guard let found = try found(kind, in: folder, card, key, forWriting: true) else { return nil }
        let journal = found.journal
        journal.isResumed = true
        // A last line without its end was cut; what it would have said is unknown. It goes, and so does what a power cut may have
        // left of the room behind it.
        if found.hasTail {
            try journal.put([UInt8](repeating: 0, count: found.count - journal.end).span, at: journal.end)
            try journal.bringToDisk()
        }
        return (journal, found.header, found.position)
    }

    /// Reads the journal of one kind that a card has, and changes nothing; nil when there is none.
    ///
    /// - Throws: `cannotRead` for a file or a folder that this process may not read.
    public static func look<Header: JournalHeader>(
        _ kind: Header.Type, in folder: String, card: CardIdentity, key: SealingKey
    ) throws(JournalError) -> (Header, Position)? {
        try found(kind, in: folder, card, key, forWriting: false).map { ($0.header, $0.position) }
    }

    /// Whether a card has a journal of any kind, which whoever has no key to it cannot read.
    ///
    /// - Throws: `cannotRead` where the folder does not tell.
    public static func exists(in folder: String, card: CardIdentity) throws(JournalError) -> Bool {
        if try exists(JournalContent.self, in: folder, card: card) { return true }
        return try exists(MigrationContent.self, in: folder, card: card)
    }

    /// Whether a card has a journal of one kind, which whoever has no key to it cannot read.
    ///
    /// - Throws: `cannotRead` where the folder does not tell.
    public static func exists<Header: JournalHeader>(
        _ kind: Header.Type, in folder: String, card: CardIdentity
    ) throws(JournalError) -> Bool {
        let path = Header.path(in: folder, card)
        if access(path, F_OK) == 0 { return true }
        guard errno == ENOENT else { throw .cannotRead(path, errno) }
        return false
    }

    /// A journal as it stands in its file.
    private struct Found<Header: JournalHeader> {
        let journal: Journal
        let header: Header
        let position: Position
        /// Bytes of the file.
        let count: Int
        /// Whether something stands behind the last whole line.
        let hasTail: Bool
    }

    private static func found<Header: JournalHeader>(
        _ kind: Header.Type, in folder: String, _ card: CardIdentity, _ key: SealingKey, forWriting: Bool
    ) throws(JournalError) -> Found<Header>? {
        let path = Header.path(in: folder, card)
        let descriptor = open(path, (forWriting ? O_RDWR : O_RDONLY) | O_CLOEXEC | O_NOFOLLOW)
        guard descriptor >= 0 else {
            guard errno == ENOENT else { throw forWriting ? .cannotWrite(path, errno) : .cannotRead(path, errno) }
            return nil
        }
        let journal = Journal(descriptor: descriptor, path: path)
        let bytes = try journal.readAll()
        let text = bytes.prefix { $0 != 0 }
        let lines = String(decoding: text, as: UTF8.self).split(separator: "\n", omittingEmptySubsequences: false)
        guard let first = lines.first, lines.count > 1, let line = try JournalFirstLine(String(first)) else {
            throw .damaged(path)
        }
        let header = try Header(sealed: line.sealed, for: card, key: key, path: path)
        journal.end = text.lastIndex(of: UInt8(ascii: "\n")).map { $0 + 1 } ?? 0
        return Found(
            journal: journal, header: header, position: Position(lines: lines.dropFirst().dropLast()),
            count: bytes.count, hasTail: bytes[journal.end...].contains { $0 != 0 })
    }

    /// A stage begins, or goes on after the steps that a torn card has behind it; one write, so that none is forgotten.
    func note(stage: Int, from step: Int = 0) throws(JournalError) {
        gather("S", stage)
        if step > 0 { gather("+", step - 1) }
        try writeGathered()
        if isResumed { try bringToDisk() }
    }

    /// A step of the stage had the outcome it must have.
    func note(finishedStep step: Int, _ urgency: Urgency = .written) throws(JournalError) {
        gather("+", step)
        if urgency == .gathered, gatheredCount < Self.gatheredLimit { return }
        try writeGathered()
        if urgency == .durable { try bringToDisk() }
    }

    /// An irreversible step is about to be sent: the first one of a stage is on disk before it is.
    ///
    /// A later one need not be: with the first announced, a torn card is asked how far it came.
    func announce(step: Int, isFirst: Bool) throws(JournalError) {
        gather("!", step)
        try writeGathered()
        if isFirst { try bringToDisk() }
    }

    /// The card is done and verified; when a power cut takes this line, the card says so itself.
    func noteFinished() throws(JournalError) {
        gather("E", 0)
        try writeGathered()
    }

    /// Writes the lines that still wait for others.
    func writeGathered() throws(JournalError) {
        guard gatheredCount > 0 else { return }
        let lines = gathered
        try put(lines.span, at: end)
        end += lines.count
        gathered = []
        gatheredCount = 0
    }

    /// Removes the journal, once the registry has the act.
    ///
    /// Waits for the folder: a journal that a power cut brought back would say of a card that is with its holder that it was never
    /// finished, and stand in the way of that person's next card. It is one wait a card, after its last command.
    public func remove() throws(JournalError) {
        guard unlink(path) == 0 || errno == ENOENT else { throw .cannotWrite(path, errno) }
        Self.removeUnfinished(of: path)
        try Self.bringFolderToDisk(Self.parts(of: path).folder)
    }

    /// Puts a damaged journal out of the way under another name in its folder, where somebody can look at it: its card is begun no more.
    ///
    /// - Returns: the new path; nil when there is no journal for the card.
    public static func putAside<Header: JournalHeader>(
        _ kind: Header.Type = JournalContent.self, in folder: String, card: CardIdentity
    ) throws(JournalError) -> String? {
        let path = Header.path(in: folder, card)
        for number in 1...Self.mostPutAside {
            let other = "\(path).damaged.\(number)"
            if link(path, other) == 0 {
                guard unlink(path) == 0 else { throw .cannotWrite(path, errno) }
                try bringFolderToDisk(folder)
                return other
            }
            if errno == ENOENT { return nil }
            guard errno == EEXIST else { throw .cannotWrite(other, errno) }
        }
        throw .cannotWrite(path, EEXIST)
    }

    private static let mostPutAside = 99

    /// A new name in a folder outlives a power cut only after this.
    static func bringFolderToDisk(_ folder: String) throws(JournalError) {
        let descriptor = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw .cannotWrite(folder, errno) }
        defer { close(descriptor) }
        guard fsync(descriptor) == 0 else { throw .cannotWrite(folder, errno) }
    }

    // MARK: -

    /// A short line, laid out without making text of it: there is one for each command.
    private func gather(_ mark: Unicode.Scalar, _ number: Int) {
        gathered.append(UInt8(ascii: mark))
        gathered.append(UInt8(ascii: " "))
        let first = gathered.count
        var rest = number.magnitude
        repeat {
            gathered.append(UInt8(ascii: "0") + UInt8(rest % 10))
            rest /= 10
        } while rest > 0
        gathered[first...].reverse()
        gathered.append(UInt8(ascii: "\n"))
        gatheredCount += 1
    }

    private func put(_ bytes: Span<UInt8>, at place: Int) throws(JournalError) {
        let written = bytes.withUnsafeBufferPointer { pwrite(descriptor, $0.baseAddress, $0.count, place) }
        guard written == bytes.count else { throw .cannotWrite(path, errno) }
    }

    private func bringToDisk() throws(JournalError) {
        guard fdatasync(descriptor) == 0 else { throw .cannotWrite(path, errno) }
    }

    private func readAll() throws(JournalError) -> [UInt8] {
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = read(descriptor, &buffer, buffer.count)
            guard count >= 0 else { throw .cannotWrite(path, errno) }
            guard count > 0 else { return bytes }
            bytes += buffer.prefix(count)
            guard bytes.count <= 16 << 20 else { throw .damaged(path) }
        }
    }
}
