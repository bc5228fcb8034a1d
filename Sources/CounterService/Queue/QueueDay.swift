import CardData

/// What is done with a ticket.
enum QueueStep: String, CaseIterable, Codable, Sendable {
    case take
    case next
    case again
    case serve
    case absent
    case recall
    case done
}

/// A step that was done: a line of the day's file.
struct QueueEntry: Hashable, Codable, Sendable {
    let ticket: Int
    let step: QueueStep
    let errand: QueueErrand?
    let window: UInt64
    let at: UInt64
}

/// The tickets of one day: judges steps and follows them.
///
/// It has neither clock nor file.
struct QueueDay: Sendable {
    private(set) var tickets: [QueueTicket] = []

    /// Those that wait, the longest first.
    var waiting: [QueueTicket] { tickets.filter { $0.state == .waiting } }

    /// What a window has in hand.
    func ticket(at window: UInt64) -> QueueTicket? { tickets.first { $0.window == window && $0.state.isOpen } }

    /// The step as it may be done now.
    ///
    /// - Parameters:
    ///   - number: the ticket; not looked at where the step finds its own.
    ///   - errand: what a new ticket is for; for the next one, which to call, or nil for whoever waits longest.
    /// - Throws: `queue.errand`, `queue.nobody-waits`, `queue.in-hand`, `queue.no-such-ticket`, `queue.not-so`.
    func entry(
        _ step: QueueStep, ticket number: Int?, errand: QueueErrand?, at window: UInt64, _ time: UInt64
    ) throws(Faults) -> QueueEntry {
        func entry(_ ticket: Int) -> QueueEntry {
            QueueEntry(ticket: ticket, step: step, errand: step == .take ? errand : nil, window: window, at: time)
        }
        switch step {
        case .take:
            guard errand != nil else { throw Faults("queue.errand") }
            return entry(tickets.count + 1)
        case .next:
            try checkFree(window)
            guard let next = waiting.first(where: { errand == nil || $0.errand == errand }) else {
                throw Faults("queue.nobody-waits")
            }
            return entry(next.number)
        case .again, .serve, .absent, .recall, .done:
            guard let number, let ticket = tickets.first(where: { $0.number == number }) else {
                throw Faults("queue.no-such-ticket")
            }
            if step == .recall { try checkFree(window) }
            let isOwn = ticket.window == window || step == .recall
            guard isOwn, ticket.state == Self.stateBefore(step) else {
                throw Faults("queue.not-so", ["ticket": ticket.label])
            }
            return entry(number)
        }
    }

    /// Follows a step that was done.
    mutating func follow(_ entry: QueueEntry) {
        if entry.step == .take, let errand = entry.errand {
            tickets.append(
                QueueTicket(number: entry.ticket, errand: errand, takenAt: entry.at, state: .waiting, window: nil))
            return
        }
        guard let place = tickets.firstIndex(where: { $0.number == entry.ticket }) else { return }
        switch entry.step {
        case .take: break
        case .next, .again, .recall:
            tickets[place].state = .called
            tickets[place].window = entry.window
            tickets[place].calls += 1
        case .serve: tickets[place].state = .serving
        case .absent: tickets[place].state = .absent
        case .done: tickets[place].state = .done
        }
    }

    private func checkFree(_ window: UInt64) throws(Faults) {
        if let open = ticket(at: window) { throw Faults("queue.in-hand", ["ticket": open.label]) }
    }

    private static func stateBefore(_ step: QueueStep) -> QueueTicket.State {
        switch step {
        case .take, .next: .waiting
        case .again, .serve, .absent: .called
        case .recall: .absent
        case .done: .serving
        }
    }
}
