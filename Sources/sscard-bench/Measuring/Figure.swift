/// One figure of ours beside what it is meant to be, where no other program is the measure.
struct Figure {
    let name: String
    /// What was measured, in words.
    let told: String
    let aim: String

    var line: String { "\(name): \(told) (aim \(aim))" }
}

extension Figure {
    /// Times in microseconds of one thing done often, of which one in a hundred may take longer than the aim.
    ///
    /// - Parameter processor: as many of the asking thread on a processor, which other programs on the machine do not make longer.
    init(_ name: String, _ times: [Double], processor: [Double] = [], mostMilliseconds: Double) {
        func told(_ times: [Double]) -> String {
            let times = times.sorted()
            func part(_ share: Int) -> String { (times[times.count * share / 100] / 1000).fixed(2) }
            return times.isEmpty ? "–" : "median \(part(50)) ms, p99 \(part(99)) ms"
        }
        self.init(
            name: name,
            told: told(times) + (processor.isEmpty ? "" : "; on a processor \(told(processor))"),
            aim: "p99 ≤ \(mostMilliseconds.fixed(0)) ms")
    }
}
