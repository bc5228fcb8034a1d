import Lifecycle
import Synchronization

/// What happened since the service started, for `/metrics`: numbers only, nothing of any person.
final class CounterMetrics: Sendable {
    /// Things that are counted by themselves.
    enum Happening: String, CaseIterable {
        case login, loginRefused = "login_refused", actRefused = "act_refused", formRefused = "form_refused"
    }

    private struct Numbers {
        var requests: [String: (count: UInt64, milliseconds: UInt64)] = [:]
        var acts: [ActKind: UInt64] = [:]
        var happenings: [Happening: UInt64] = [:]
    }

    private let numbers = Mutex(Numbers())

    func count(_ happening: Happening) { numbers.withLock { $0.happenings[happening, default: 0] += 1 } }

    func count(act: ActKind) { numbers.withLock { $0.acts[act, default: 0] += 1 } }

    /// - Parameter route: the route's own form, so that no number of a person or card becomes a label.
    func count(request method: String, _ route: String, status: Int, milliseconds: UInt64) {
        let labels = "method=\"\(method)\",route=\"\(route)\",status=\"\(status)\""
        numbers.withLock {
            let old = $0.requests[labels] ?? (0, 0)
            $0.requests[labels] = (old.count + 1, old.milliseconds + milliseconds)
        }
    }

    /// Prometheus text exposition, version 0.0.4, with gauges that the caller knows.
    func text(gauges: [(name: String, help: String, value: Int)]) -> String {
        let numbers = numbers.withLock { $0 }
        var lines: [String] = []
        func family(_ name: String, _ kind: String, _ help: String) {
            lines += ["# HELP \(name) \(help)", "# TYPE \(name) \(kind)"]
        }
        family("sscard_counter_requests_total", "counter", "Requests answered.")
        for (labels, value) in numbers.requests.sorted(by: { $0.key < $1.key }) {
            lines.append("sscard_counter_requests_total{\(labels)} \(value.count)")
        }
        family("sscard_counter_request_seconds_sum", "counter", "Time spent answering them.")
        for (labels, value) in numbers.requests.sorted(by: { $0.key < $1.key }) {
            lines.append("sscard_counter_request_seconds_sum{\(labels)} \(Double(value.milliseconds) / 1000)")
        }
        family("sscard_counter_acts_total", "counter", "Acts recorded through this service.")
        for (kind, count) in numbers.acts.sorted(by: { $0.key.rawValue < $1.key.rawValue }) {
            lines.append("sscard_counter_acts_total{act=\"\(kind.name)\"} \(count)")
        }
        for happening in Happening.allCases {
            family("sscard_counter_\(happening.rawValue)_total", "counter", "Since the start.")
            lines.append("sscard_counter_\(happening.rawValue)_total \(numbers.happenings[happening] ?? 0)")
        }
        for gauge in gauges {
            family(gauge.name, "gauge", gauge.help)
            lines.append("\(gauge.name) \(gauge.value)")
        }
        return lines.joined(separator: "\n") + "\n"
    }
}
