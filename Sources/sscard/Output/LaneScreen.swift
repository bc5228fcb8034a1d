import Synchronization

/// One line of progress for each lane and one for the whole, below what has been said; nothing when nobody watches.
final class LaneScreen: Sendable {
    private struct State {
        var lanes: [(name: String, line: String)]
        var overall = ""
        /// Lines that stand on the screen now.
        var shown = 0
    }

    private let state: Mutex<State>

    init(lanes: [String]) { state = Mutex(State(lanes: lanes.map { (name: $0, line: "") })) }

    /// A lane that came later; one that comes again has its line already.
    func add(_ lane: String) {
        state.withLock { state in
            guard !state.lanes.contains(where: { $0.name == lane }) else { return }
            state.lanes.append((name: lane, line: ""))
        }
    }

    /// Changes a lane's line, and that of the whole when it is given.
    func show(_ line: String, lane: String, overall: String? = nil) {
        state.withLock { state in
            if let index = state.lanes.firstIndex(where: { $0.name == lane }) { state.lanes[index].line = line }
            if let overall { state.overall = overall }
            draw(&state)
        }
    }

    /// Says something that stays, above the progress.
    func above(_ say: () -> Void) {
        state.withLock { state in
            erase(&state)
            say()
            draw(&state)
        }
    }

    /// Takes the progress away.
    func end() { state.withLock { erase(&$0) } }

    private func draw(_ state: inout State) {
        guard Terminal.isWatched else { return }
        let lines = state.lanes.map { "\($0.name)  \($0.line)" } + [state.overall]
        Terminal.control(Self.back(over: state.shown) + lines.map { "\u{1B}[2K\($0)\n" }.joined())
        state.shown = lines.count
    }

    private func erase(_ state: inout State) {
        guard state.shown > 0 else { return }
        Terminal.control(Self.back(over: state.shown) + "\u{1B}[J")
        state.shown = 0
    }

    private static func back(over lines: Int) -> String { lines > 0 ? "\u{1B}[\(lines)A\r" : "" }
}
