import ByteText
import CardData

/// What the key log has to remember beyond its last checkpoint: today's uses by operator and quota, and approvals that were used.
///
/// Every checkpoint states it, so that a program that starts reads no more than what came after; whoever verifies the log counts
/// again.
struct KeyLogTally: Hashable, Sendable {
    /// Days since 1970, by China's time (``CardDate/chinaOffset``).
    private(set) var day: UInt64 = 0
    /// By operator and quota.
    private(set) var counts: [String: Int] = [:]
    private(set) var spent = SpentApprovals()

    /// A time at the end of all times, which only a forged line has, is of the last day.
    static func day(of time: UInt64) -> UInt64 {
        let (local, overflow) = time.addingReportingOverflow(UInt64(CardDate.chinaOffset) * 1000)
        return (overflow ? .max : local) / 86_400_000
    }

    static func name(_ user: String, _ quota: String) -> String { "\(user)/\(quota)" }

    /// How often an operator has used what a quota counts, on the day of `time`.
    func count(_ user: String, _ quota: String, at time: UInt64) -> Int {
        Self.day(of: time) > day ? 0 : counts[Self.name(user, quota)] ?? 0
    }

    /// Takes note of an entry.
    mutating func note(_ kind: KeyLogEntry.Kind, _ fields: [KeyLogEntry.Field], time: UInt64) {
        switch kind {
        case .use:
            guard let user = fields.value("operator"), let quota = fields.value("quota") else { return }
            // a clock that was put back does not give a day's quota anew
            if Self.day(of: time) > day {
                day = Self.day(of: time)
                counts.removeAll(keepingCapacity: true)
            }
            counts[Self.name(user, quota), default: 0] += 1
        case .approval:
            guard let digest = fields.value("digest").flatMap({ [UInt8](hexadecimal: $0) }),
                let expires = fields.value("expires").flatMap({ UInt64($0) })
            else { return }
            spent.note(digest, expires: expires)
        default: return
        }
    }

    /// Forgets approvals that have expired, as a checkpoint does before it states the rest.
    mutating func forget(before time: UInt64) { spent.forget(before: time) }

    /// How a checkpoint states it.
    var fields: [KeyLogEntry.Field] {
        [
            KeyLogEntry.Field("day", String(day)),
            KeyLogEntry.Field("counts", counts.map { "\($0):\($1)" }.sorted().joined(separator: ",")),
            KeyLogEntry.Field(
                "spent", spent.expiries.map { "\($0.hexadecimal):\($1)" }.sorted().joined(separator: ",")),
        ]
    }

    /// None.
    init() {}

    /// Reads what a checkpoint states; nil when it does not say.
    init?(_ entry: KeyLogEntry) {
        guard let day = entry["day"].flatMap({ UInt64($0) }), let counts = entry["counts"].flatMap(Self.pairs),
            let spent = entry["spent"].flatMap(Self.pairs)
        else { return nil }
        self.day = day
        for (name, number) in counts { self.counts[name] = Int(clamping: number) }
        for (name, number) in spent {
            guard let digest = [UInt8](hexadecimal: name) else { return nil }
            self.spent.note(digest, expires: number)
        }
    }

    private static func pairs(_ text: String) -> [(String, UInt64)]? {
        var pairs: [(String, UInt64)] = []
        for part in text.split(separator: ",") {
            guard let colon = part.lastIndex(of: ":"), let number = UInt64(part[part.index(after: colon)...]) else {
                return nil
            }
            pairs.append((String(part[..<colon]), number))
        }
        return pairs
    }
}

extension [KeyLogEntry.Field] {
    func value(_ name: String) -> String? { first { $0.name == name }?.value }
}
