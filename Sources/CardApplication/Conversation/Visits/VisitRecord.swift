import ByteText
import Glibc

/// What one place remembers of one card from visit to visit: how many tries its keys and PIN have left, with what it was last
/// authenticated, and the digest of its last challenge (`DATA/tries/‹card id›.visits`).
///
/// Every change is one write of the whole, short file, made before the card is asked: whoever kills the program in the middle of a
/// presentation finds the try counted as spent. A wrong presentation is on the disk before the caller hears of it; all else
/// survives the end of the program, not of the machine.
///
/// Belongs to the thread of its card's channel.
public final class VisitRecord {
    private static let format = "SSCV1"
    private static let limit = 65_536

    private let path: String?
    private var descriptor: Int32?
    private(set) var tries: [String: Int] = [:]
    private(set) var lastChallenge: [UInt8]?
    private(set) var terms: AuthenticationTerms?
    private(set) var permissions: [String] = []
    private var acceptances: [String] = []

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
        var buffer = [UInt8](repeating: 0, count: Self.limit)
        let count = read(descriptor, &buffer, buffer.count)
        guard count >= 0 else { throw .visits(.cannotUse(path, errno)) }
        try take(String(decoding: buffer.prefix(count).prefix { $0 != 0 }, as: UTF8.self), path)
    }

    deinit { if let descriptor { close(descriptor) } }

    /// The tries that a counter is known to have left; nil when it is full, as far as this place knows.
    ///
    /// Where it stands noted under several names, the fewest count; a blocked one, which has nothing left to lose, only beside no other.
    func triesLeft(_ counter: TryCounter) -> Int? {
        let noted = ([counter.name] + counter.otherNames).compactMap { tries[$0] }
        return noted.filter { $0 > 0 }.min() ?? noted.min()
    }

    /// How many tries the counters that stand in one row with this one have lost.
    func lost(beside counter: TryCounter) -> Int {
        counter.rowNames.reduce(0) { sum, name in sum + (tries[name].map { max(counter.full - $0, 0) } ?? 0) }
    }

    /// Forgets what failed in a row with a counter: the card took a MAC under its key.
    func endRow(of counter: TryCounter) throws(CardError) {
        let noted = counter.rowNames.filter { tries[$0] != nil }
        guard !noted.isEmpty else { return }
        for name in noted { tries[name] = nil }
        try store(durably: false)
    }

    /// Forgets a counter, after another command than a presentation has filled it again (`84 24`, `80 5E 00`).
    public func forget(_ counter: TryCounter) throws(CardError) {
        let isNoted = tries.removeValue(forKey: counter.name) != nil
        guard dropOtherNames(of: counter) || isNoted else { return }
        try store(durably: true)
    }

    /// Notes what is left of a counter; nil for a full one.
    ///
    /// - Parameter durably: true when the note must outlive the machine's power.
    func note(_ counter: TryCounter, left: Int?, durably: Bool = false) throws(CardError) {
        let isNews = tries[counter.name] != left
        guard dropOtherNames(of: counter) || durably || isNews else { return }
        tries[counter.name] = left
        try store(durably: durably)
    }

    /// What stood under other names is told by the counter's own from now on; true where there was any.
    private func dropOtherNames(of counter: TryCounter) -> Bool {
        let noted = counter.otherNames.filter { tries[$0] != nil }
        for name in noted { tries[name] = nil }
        return !noted.isEmpty
    }

    /// Notes the digest of a challenge; it is written with the presentation that uses it.
    func keep(challenge digest: [UInt8]) { lastChallenge = digest }

    /// Notes with what the card was authenticated rightly.
    func note(_ terms: AuthenticationTerms) throws(CardError) {
        guard self.terms != terms else { return }
        self.terms = terms
        try store(durably: false)
    }

    /// Notes that two officers let the last try of a counter be spent, before it is.
    func note(_ permission: LastTryPermission, for counter: TryCounter) throws(CardError) {
        permissions.append("\(permission.officer) \(permission.second) \(counter.name)")
        try store(durably: true)
    }

    /// Notes that an officer lets a key be presented to a card that is seen for the first time, before it is.
    func note(firstContactAcceptedBy officer: UInt64, for counter: TryCounter) throws(CardError) {
        acceptances.append("\(officer) \(counter.name)")
        try store(durably: true)
    }

    // MARK: - The file

    private func take(_ text: String, _ path: String) throws(CardError) {
        let lines = text.split(whereSeparator: { $0 == "\n" || $0 == "\r\n" })
        guard let first = lines.first else { return }
        guard first == Self.format else { throw .visits(.damaged(path)) }
        for line in lines.dropFirst() {
            let words = line.split(separator: " ", maxSplits: 1).map(String.init)
            guard words.count == 2 else { continue }
            switch words[0] {
            case "challenge": lastChallenge = [UInt8](hexadecimal: words[1])
            case "terms": terms = AuthenticationTerms(words[1])
            case "permission": permissions.append(words[1])
            case "first-contact": acceptances.append(words[1])
            case "tries":
                let parts = words[1].split(separator: " ")
                guard parts.count == 2, let count = Int(parts[1]), (0...255).contains(count) else {
                    throw .visits(.damaged(path))
                }
                tries[String(parts[0])] = count
            default: break
            }
        }
    }

    private var text: String {
        var lines = [Self.format]
        if let lastChallenge { lines.append("challenge \(lastChallenge.hexadecimal)") }
        if let terms { lines.append("terms \(terms.text)") }
        lines += tries.sorted { $0.key < $1.key }.map { "tries \($0.key) \($0.value)" }
        lines += permissions.map { "permission \($0)" }
        lines += acceptances.map { "first-contact \($0)" }
        return lines.joined(separator: "\n") + "\n"
    }

    private func store(durably: Bool) throws(CardError) {
        guard let path else { return }
        let descriptor = self.descriptor ?? open(path, O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard descriptor >= 0 else { throw .visits(.cannotUse(path, errno)) }
        self.descriptor = descriptor
        // The zero ends the text; what an older, longer one left behind it is never read.
        let bytes = Array(text.utf8) + [0]
        guard bytes.count <= Self.limit, pwrite(descriptor, bytes, bytes.count, 0) == bytes.count else {
            throw .visits(.cannotUse(path, errno))
        }
        guard !durably || fdatasync(descriptor) == 0 else { throw .visits(.cannotUse(path, errno)) }
    }
}
