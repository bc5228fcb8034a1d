import ByteText
public import CardCryptography
public import CardData
public import Foundation
import Glibc
import Synchronization

/// The operators of one counter: `DATA/operators/operators.json`, for its owner alone.
///
/// The tool writes it while the service runs; the service reads it again whenever it has changed. Each change stands before it is made
/// in `DATA/operators/changes`, a line of JSON with its time, the operator's number and the machine's user who made it.
public final class OperatorRegister: Sendable {
    private struct Entry: Codable {
        let number: UInt64
        let name: String
        var roles: [OperatorRole]
        let salt: String
        let cost: UInt64
        let blockSize: UInt64
        let parallelization: UInt64
        let verifier: String
        /// The card that is shown at log-in; files of before cards have none.
        var card: OperatorCard?
        /// Whether the password is not the operator's own yet; nothing in files of before, and where it is.
        var isPasswordGiven: Bool?
    }

    private struct Content {
        var stamp: [Int] = []
        var entries: [Entry] = []
    }

    private let folder: String
    private let cost: KeyDerivation.ScryptCost
    private let clock: @Sendable () -> Date
    private let content = Mutex(Content())
    private static let sizeLimit = 4 << 20

    /// The register of a data folder; nothing is made before the first operator is added.
    ///
    /// - Parameters:
    ///   - cost: what new passwords cost.
    ///   - clock: the time that changes are noted with.
    public init(
        dataFolder: String, cost: KeyDerivation.ScryptCost = PasswordVerifier.standardCost,
        clock: @escaping @Sendable () -> Date = { Date() }
    ) {
        folder = dataFolder + "/operators"
        self.cost = cost
        self.clock = clock
    }

    private var file: String { folder + "/operators.json" }
    private var changes: String { folder + "/changes" }

    /// All operators by their numbers.
    public func all() throws(Faults) -> [Operator] { try entries().map(Self.person) }

    /// The operator with this number; nil when there is none.
    public func operation(_ number: UInt64) throws(Faults) -> Operator? {
        try entries().first { $0.number == number }.map(Self.person)
    }

    /// The operator, if number and password are right; takes as long for a number that nobody has.
    public func authenticate(_ number: UInt64, _ password: borrowing SecretBytes) throws(Faults) -> Operator? {
        let entry = try entries().first { $0.number == number }
        let verifier = entry.flatMap(Self.verifier) ?? PasswordVerifier(salt: [0], cost: cost, bytes: [0])
        do {
            guard try verifier.accepts(password), let entry else { return nil }
            return Self.person(entry)
        } catch {
            throw Faults("operator.cryptography", ["reason": "\(error)"])
        }
    }

    /// Adds an operator; throws every fault at once.
    public func add(_ person: Operator, password: borrowing SecretBytes) throws(Faults) {
        var faults = FaultCollector()
        if person.number == 0 { faults.add("operator.number") }
        let isNamed =
            (1...40).contains(person.name.count) && person.name.utf8.count <= 160 && person.name.isPlainLine
        if !isNamed { faults.add("operator.name", ["most": "40"]) }
        if person.roles.isEmpty { faults.add("operator.no-role") }
        do { try PasswordRule.check(password, of: person.number) } catch { error.faults.forEach { faults.add($0) } }
        try faults.check()
        let entry = try entry(person, password, isGiven: true)
        try change("added", person.number) { entries throws(Faults) in
            guard !entries.contains(where: { $0.number == person.number }) else {
                throw Faults("operator.taken", ["number": String(person.number)])
            }
            entries.append(entry)
        }
    }

    /// Gives an operator a new password, which ends their sessions.
    ///
    /// - Parameter author: the operator who sets their own; nil for the machine's user, who knows it then.
    public func setPassword(
        of number: UInt64, _ password: borrowing SecretBytes, by author: UInt64? = nil
    ) throws(Faults) {
        guard let person = try operation(number) else { throw Faults("operator.unknown", ["number": String(number)]) }
        try PasswordRule.check(password, of: number)
        let entry = try entry(person, password, isGiven: author != number)
        try change("password", number, by: author) { entries throws(Faults) in
            // Who went off duty, perhaps just now, stays so.
            guard entries.contains(where: { $0.number == number && !$0.roles.isEmpty }) else {
                throw Faults("operator.off-duty", ["number": String(number)])
            }
            entries = entries.map { old in
                guard old.number == number else { return old }
                var new = entry
                new.card = old.card
                new.roles = old.roles
                return new
            }
        }
    }

    /// Gives an operator a card, which log-ins want from now on, or takes it away; sessions of before end.
    ///
    /// - Parameters:
    ///   - card: the card, which has proved itself; nil for none.
    ///   - administrator: whose order it is; nil for the machine's user.
    /// Throws `operator.card-taken` for a card of another operator.
    public func setCard(of number: UInt64, _ card: OperatorCard?, by administrator: UInt64?) throws(Faults) {
        try change(card == nil ? "card-removed" : "card-given", number, by: administrator) { entries throws(Faults) in
            guard let place = entries.firstIndex(where: { $0.number == number }) else {
                throw Faults("operator.unknown", ["number": String(number)])
            }
            guard !entries[place].roles.isEmpty else { throw Faults("operator.off-duty", ["number": String(number)]) }
            guard card == nil || !entries.contains(where: { $0.card == card && $0.number != number }) else {
                throw Faults("operator.card-taken")
            }
            guard card != nil || entries[place].card != nil else {
                throw Faults("operator.no-card", ["number": String(number)])
            }
            entries[place].card = card
        }
    }

    /// Gives an operator other roles, all of them at once; sessions of before end with their next request.
    ///
    /// - Throws: `operator.no-role`, `operator.unknown`, `operator.off-duty`, and `operator.same-roles` where nothing would change.
    public func setRoles(of number: UInt64, _ roles: Set<OperatorRole>) throws(Faults) {
        guard !roles.isEmpty else { throw Faults("operator.no-role") }
        let listed = OperatorRole.allCases.filter(roles.contains)
        try change("roles", number, becoming: listed) { entries throws(Faults) in
            guard let place = entries.firstIndex(where: { $0.number == number }) else {
                throw Faults("operator.unknown", ["number": String(number)])
            }
            guard !entries[place].roles.isEmpty else { throw Faults("operator.off-duty", ["number": String(number)]) }
            guard Set(entries[place].roles) != roles else {
                throw Faults("operator.same-roles", ["number": String(number)])
            }
            entries[place].roles = listed
        }
    }

    /// Takes an operator off duty: sessions end with their next request, and the number is not given again here.
    public func remove(_ number: UInt64) throws(Faults) {
        guard let person = try operation(number) else { throw Faults("operator.unknown", ["number": String(number)]) }
        try change("off-duty", number) { entries throws(Faults) in
            entries = entries.map { $0.number == number ? Self.offDuty(person) : $0 }
        }
    }

    /// An entry whose verifier accepts nothing and that has no role.
    private static func offDuty(_ person: Operator) -> Entry {
        Entry(
            number: person.number, name: person.name, roles: [], salt: "00", cost: 2, blockSize: 1, parallelization: 1,
            verifier: "")
    }

    private func entry(
        _ person: Operator, _ password: borrowing SecretBytes, isGiven: Bool
    ) throws(Faults) -> Entry {
        let verifier: PasswordVerifier
        do { verifier = try PasswordVerifier.make(password, cost: cost) } catch {
            throw Faults("operator.cryptography", ["reason": "\(error)"])
        }
        return Entry(
            number: person.number, name: person.name, roles: OperatorRole.allCases.filter(person.roles.contains),
            salt: verifier.salt.hexadecimal, cost: cost.cost, blockSize: cost.blockSize,
            parallelization: cost.parallelization, verifier: verifier.bytes.hexadecimal,
            isPasswordGiven: isGiven ? true : nil)
    }

    private static func person(_ entry: Entry) -> Operator {
        Operator(
            number: entry.number, name: entry.name, roles: Set(entry.roles), card: entry.card,
            sessionMark: [
                entry.salt, entry.card?.identificationCode ?? "",
                OperatorRole.allCases.filter(entry.roles.contains).map(\.rawValue).joined(separator: "+"),
            ].joined(separator: " "),
            isPasswordGiven: entry.isPasswordGiven ?? false)
    }

    private static func verifier(_ entry: Entry) -> PasswordVerifier? {
        guard !entry.roles.isEmpty, let salt = [UInt8](hexadecimal: entry.salt),
            let bytes = [UInt8](hexadecimal: entry.verifier)
        else { return nil }
        return PasswordVerifier(
            salt: salt,
            cost: KeyDerivation.ScryptCost(
                cost: entry.cost, blockSize: entry.blockSize, parallelization: entry.parallelization), bytes: bytes)
    }

    // MARK: - The file

    private func entries() throws(Faults) -> [Entry] {
        let stamp = try stamp()
        if let known = content.withLock({ $0.stamp == stamp ? $0.entries : nil }) { return known }
        guard !stamp.isEmpty else { return [] }
        guard let data = FileManager.default.contents(atPath: file), data.count <= Self.sizeLimit,
            let entries = try? JSONDecoder().decode([Entry].self, from: data)
        else { throw Faults("operator.file", ["file": file]) }
        content.withLock { $0 = Content(stamp: stamp, entries: entries) }
        return entries
    }

    /// What changes with the file; empty when it is not there.
    ///
    /// A file that others may read is refused.
    private func stamp() throws(Faults) -> [Int] {
        guard let found = try? FileManager.default.attributesOfItem(atPath: file) else { return [] }
        let mode = found[.posixPermissions] as? Int ?? 0o777
        guard mode & 0o077 == 0 else { throw Faults("operator.file-open", ["file": file]) }
        let changed = (found[.modificationDate] as? Date)?.timeIntervalSince1970 ?? 0
        return [found[.systemFileNumber] as? Int ?? 0, found[.size] as? Int ?? 0, Int(changed * 1_000_000)]
    }

    /// One writer at a time, also of other processes; the file is replaced as a whole and brought to the disk.
    private func change(
        _ what: String, _ number: UInt64, by administrator: UInt64? = nil, becoming roles: [OperatorRole] = [],
        _ body: (inout [Entry]) throws(Faults) -> Void
    ) throws(Faults) {
        do {
            try FileManager.default.createDirectory(
                atPath: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        } catch {
            throw Faults("operator.file", ["file": folder])
        }
        let lock = open(folder + "/lock", O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard lock >= 0, flock(lock, LOCK_EX) == 0 else { throw Faults("operator.file", ["file": folder]) }
        defer { close(lock) }
        var entries = try entries()
        try body(&entries)
        entries.sort { $0.number < $1.number }
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
        let at = clock().ISO8601Format()
        let order = administrator.map { ",\"by\":\($0)" } ?? ""
        let list = roles.map { "\"\($0.rawValue)\"" }.joined(separator: ",")
        let become = roles.isEmpty ? "" : ",\"roles\":[\(list)]"
        let whose = "\"operator\":\(number)\(order)\(become),\"user\":\(getuid())"
        let line = "{\"at\":\"\(at)\",\"change\":\"\(what)\",\(whose)}"
        guard let data = try? encoder.encode(entries), DurableFile.wholeLines(of: changes) != nil,
            DurableFile.append(line, to: changes), DurableFile.replace(file, with: data)
        else {
            throw Faults("operator.file", ["file": file])
        }
    }
}
