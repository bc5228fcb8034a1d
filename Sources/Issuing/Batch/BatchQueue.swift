/// Which rows of a batch wait, are in a lane's hand, or are settled.
///
/// A row is in one lane's hand at most. A lane that finds no row waits as long as another lane may still give one back.
actor BatchQueue {
    private enum Row {
        case waiting
        case inHand
        case settled(BatchResult)
    }

    private var rows: [Row]
    private var isClosed = false
    private var lanes: [CheckedContinuation<Int?, Never>] = []
    private var observers: [CheckedContinuation<Void, Never>] = []

    /// So many rows, all waiting.
    init(rowCount: Int) { rows = Array(repeating: .waiting, count: rowCount) }

    /// The first row that waits, from now on in the caller's hand; nil when there is and will be none.
    func take() async -> Int? {
        if isOver { return nil }
        if let row = takeWaiting() { return row }
        return await withCheckedContinuation { lanes.append($0) }
    }

    /// Gives a row back for which nothing was begun.
    func putBack(_ row: Int) {
        rows[row] = .waiting
        serve()
    }

    /// Ends a row.
    func settle(_ row: Int, _ result: BatchResult) {
        rows[row] = .settled(result)
        serve()
    }

    /// No row is given out any more.
    func close() {
        isClosed = true
        serve()
    }

    /// Returns when all rows are settled, or the queue is closed.
    func untilOver() async {
        if isOver { return }
        await withCheckedContinuation { observers.append($0) }
    }

    /// What became of each row so far.
    var results: [BatchResult] {
        rows.map { row in
            if case .settled(let result) = row { result } else { BatchResult(lane: nil, outcome: .left) }
        }
    }

    private var isOver: Bool {
        isClosed
            || rows.allSatisfy { row in
                if case .settled = row { true } else { false }
            }
    }

    private func takeWaiting() -> Int? {
        let next = rows.firstIndex { row in
            if case .waiting = row { true } else { false }
        }
        if let next { rows[next] = .inHand }
        return next
    }

    private func serve() {
        if isOver {
            lanes.forEach { $0.resume(returning: nil) }
            observers.forEach { $0.resume() }
            (lanes, observers) = ([], [])
        } else if let lane = lanes.first, let row = takeWaiting() {
            lanes.removeFirst()
            lane.resume(returning: row)
        }
    }
}
