import Lifecycle
import Registry

/// Acts by kind and officer, counted one after the other.
struct ActCounts {
    /// How often an officer did a kind of act.
    struct Row: Hashable {
        let kind: ActKind
        let officer: UInt64
        let count: Int
    }

    private struct Key: Hashable {
        let kind: ActKind
        let officer: UInt64
    }

    private var counts: [Key: Int] = [:]

    mutating func add(_ logged: LoggedEvent) {
        counts[Key(kind: logged.body.act.kind, officer: logged.event.officer), default: 0] += 1
    }

    /// In the order of the kinds.
    var rows: [Row] {
        counts.map { Row(kind: $0.key.kind, officer: $0.key.officer, count: $0.value) }
            .sorted { ($0.kind.rawValue, $0.officer) < ($1.kind.rawValue, $1.officer) }
    }
}
