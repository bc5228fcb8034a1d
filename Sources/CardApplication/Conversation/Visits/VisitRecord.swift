import ByteText
import Glibc

/// What one place remembers of one card from visit to visit: how many tries its keys and PIN have left, with what it was last
/// authenticated, and the digest of its last challenge (`DATA/tries/‹card id›.visits`).
///
/// Every change is one write of the whole, short file, made before the card is asked: whoever kills the program in the middle of a
/// presentation finds the try counted as spent. A wrong presentation is on the disk before the caller hears of it; all else
/// survives the end of the program, not of the machine.
///
/// A change is made to what stands in the file at that moment, under its lock: several records of one card, in one program or in two,
/// are one count.
///
/// Belongs to the thread of its card's channel.
public final class VisitRecord {
    private static let limit = 65_536

    private let path: String?
    private var descriptor: Int32?
    /// The bytes that ``notes`` were read from or written as.
    private var known: [UInt8] = []
    private var notes = VisitNotes()
    /// The digest of a challenge that no presentation has used yet.
    private var newChallenge: [UInt8]?

    /// The digest of the card's last challenge.
    var lastChallenge: [UInt8]? { newChallenge ?? notes.lastChallenge }
    /// With what the card was last authenticated.
    var terms: AuthenticationTerms? { notes.terms }

    /// A record that ends with the visit: for places without a data folder.
    public init() { path = nil }

    /// The record of a card; a new one when nothing is known of it.
    ///
    /// - Parameters:
    ///   - folder: `DATA/tries`, made when it is not there.
    ///   - card: the bytes by which the profile tells one chip from another.
    public init(in folder: String, card: [UInt8]) throws(CardError) {
        guard mkdir(folder, 0o700) == 0 || errno == EEXIST else { throw .visits(.cannotUse(folder, errno)) }
        let path = "\(folder)/\(card.hexadecimal).visits"
        self.path = path
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW)
        guard descriptor >= 0 else {
            guard errno == ENOENT else { throw .visits(.cannotUse(path, errno)) }
            return
        }
        defer { close(descriptor) }
        try Self.lock(descriptor, LOCK_SH, path)
        try read(descriptor, path)
    }

    deinit { if let descriptor { close(descriptor) } }

    /// The tries that a counter is known to have left; nil when it is full, as far as this place knows.
    ///
    /// Where it stands noted under several names, the fewest count; a blocked one, which has nothing left to lose, only beside no other.
    func triesLeft(_ counter: TryCounter) -> Int? {
        let noted = ([counter.name] + counter.otherNames).compactMap { notes.tries[$0] }
        return noted.filter { $0 > 0 }.min() ?? noted.min()
    }

    /// Whether the card itself has told what is left of a counter; a presentation that it never answered is counted here alone.
    func isTold(_ counter: TryCounter) -> Bool {
        ([counter.name] + counter.otherNames).contains { notes.told.contains($0) }
    }

    /// How many tries the counters that stand in one row with this one have lost.
    func lost(beside counter: TryCounter) -> Int {
        counter.rowNames.reduce(0) { sum, name in sum + (notes.tries[name].map { max(counter.full - $0, 0) } ?? 0) }
    }

    /// Counts a try as spent before it is, unless it is the last and nobody let it be.
    ///
    /// - Returns: what was known to be left.
    func spend(_ counter: TryCounter, permission: LastTryPermission?) throws(CardError) -> Int? {
        var known: Int?
        try change { () throws(CardError) in
            known = triesLeft(counter)
            // A counter that the card itself has told as blocked has nothing left to lose, and may have been filled again elsewhere. Where
            // only this place counted down to nothing, the card may never have had the presentation, and still have its last try.
            let left = known ?? counter.full
            let isLast = (left > 0 || !isTold(counter)) && left - lost(beside: counter) <= 1
            if isLast {
                guard let permission else { throw .lastTry(counter.name) }
                notes.permissions.append("\(permission.officer) \(permission.second) \(counter.name)")
            }
            _ = dropOtherNames(of: counter)
            notes.tries[counter.name] = max(left - 1, 0)
            if left <= 1 { notes.told.remove(counter.name) }
            return isLast ? .durably : .written
        }
        return known
    }

    /// Forgets what failed in a row with a counter: the card took a MAC under its key.
    func endRow(of counter: TryCounter) throws(CardError) {
        guard !counter.rowNames.isEmpty else { return }
        try change {
            let noted = counter.rowNames.filter { notes.tries[$0] != nil }
            for name in noted {
                notes.tries[name] = nil
                notes.told.remove(name)
            }
            return noted.isEmpty ? .kept : .written
        }
    }

    /// Forgets a counter, after another command than a presentation has filled it again (`84 24`, `80 5E 00`).
    public func forget(_ counter: TryCounter) throws(CardError) {
        try change {
            let isNoted = notes.tries.removeValue(forKey: counter.name) != nil
            notes.told.subtract([counter.name] + counter.otherNames)
            return dropOtherNames(of: counter) || isNoted ? .durably : .kept
        }
    }

    /// Notes what is left of a counter; nil for a full one.
    ///
    /// - Parameters:
    ///   - isTold: whether the card has said so.
    ///   - durably: true when the note must outlive the machine's power.
    func note(_ counter: TryCounter, left: Int?, isTold: Bool = false, durably: Bool = false) throws(CardError) {
        try change {
            let isNews = notes.tries[counter.name] != left || isTold && !notes.told.contains(counter.name)
            guard dropOtherNames(of: counter) || durably || isNews else { return .kept }
            notes.tries[counter.name] = left
            if left == nil { notes.told.remove(counter.name) } else if isTold { notes.told.insert(counter.name) }
            return durably ? .durably : .written
        }
    }

    /// What stood under other names is told by the counter's own from now on; true where there was any.
    private func dropOtherNames(of counter: TryCounter) -> Bool {
        let noted = counter.otherNames.filter { notes.tries[$0] != nil }
        for name in noted {
            notes.tries[name] = nil
            if notes.told.remove(name) != nil { notes.told.insert(counter.name) }
        }
        return !noted.isEmpty
    }

    /// Notes the digest of a challenge; it is written with the presentation that uses it.
    func keep(challenge digest: [UInt8]) { newChallenge = digest }

    /// Notes with what the card was authenticated rightly.
    func note(_ terms: AuthenticationTerms) throws(CardError) {
        try change {
            guard notes.terms != terms else { return .kept }
            notes.terms = terms
            return .written
        }
    }

    /// Notes that an officer lets a key be presented to a card that is seen for the first time, before it is.
    func note(firstContactAcceptedBy officer: UInt64, for counter: TryCounter) throws(CardError) {
        try change {
            notes.acceptances.append("\(officer) \(counter.name)")
            return .durably
        }
    }

    /// Whether a load of the keys of this security module was begun here.
    var isModuleLoadBegun: Bool { notes.isModuleLoadBegun }

    /// Notes that one is begun.
    func noteModuleLoadBegun() throws(CardError) {
        try change {
            notes.isModuleLoadBegun = true
            return .durably
        }
    }

    // MARK: - The file

    /// What becomes of a change.
    private enum Storing {
        case kept
        case written
        case durably
    }

    /// Runs a change on what stands in the file, and writes what comes of it; nobody else writes in between.
    private func change(_ body: () throws(CardError) -> Storing) throws(CardError) {
        guard let path else {
            _ = try body()
            return
        }
        let descriptor = self.descriptor ?? open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard descriptor >= 0 else { throw .visits(.cannotUse(path, errno)) }
        self.descriptor = descriptor
        try Self.lock(descriptor, LOCK_EX, path)
        defer { flock(descriptor, LOCK_UN) }
        try read(descriptor, path)
        let storing = try body()
        if storing == .kept { return }
        if let newChallenge { notes.lastChallenge = newChallenge }
        newChallenge = nil
        // The zero ends the text; what an older, longer one left behind it is never read.
        let bytes = Array(notes.text.utf8) + [0]
        guard bytes.count <= Self.limit, pwrite(descriptor, bytes, bytes.count, 0) == bytes.count else {
            known = []
            throw .visits(.cannotUse(path, errno))
        }
        known = Array(bytes.dropLast())
        guard storing == .written || fdatasync(descriptor) == 0 else { throw .visits(.cannotUse(path, errno)) }
    }

    /// Takes what stands in the file in place of what was known, where it is something else.
    private func read(_ descriptor: Int32, _ path: String) throws(CardError) {
        var about = stat()
        guard fstat(descriptor, &about) == 0 else { throw .visits(.cannotUse(path, errno)) }
        var buffer = [UInt8](repeating: 0, count: min(Int(about.st_size), Self.limit))
        let count = pread(descriptor, &buffer, buffer.count, 0)
        guard count >= 0 else { throw .visits(.cannotUse(path, errno)) }
        let found = Array(buffer.prefix(count).prefix { $0 != 0 })
        guard found != known else { return }
        guard let notes = VisitNotes(String(decoding: found, as: UTF8.self)) else { throw .visits(.damaged(path)) }
        self.notes = notes
        known = found
    }

    private static func lock(_ descriptor: Int32, _ kind: Int32, _ path: String) throws(CardError) {
        while flock(descriptor, kind) != 0 {
            guard errno == EINTR else { throw .visits(.cannotUse(path, errno)) }
        }
    }
}
