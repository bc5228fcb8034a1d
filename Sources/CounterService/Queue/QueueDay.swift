import CardData

/// What is done with a ticket.
enum QueueStep: String, CaseIterable, Codable, Sendable {
    /// Takes a number.
    case take
    /// Calls whoever waits, those with priority first.
    case next
    /// Calls once more.
    case again
    /// Begins.
    case serve
    /// Called and not there.
    case absent
    /// Calls somebody who was not there.
    case recall
    /// Ends.
    case done
    /// Puts a number back among those that wait, at its old place.
    case putBack = "put-back"
    /// Takes over what another window has in hand.
    case takeOver = "take-over"
    /// Says at which window somebody sits, as it is called in the hall.
    case sit
}

/// A step that was done: a line of the day's file.
struct QueueEntry: Hashable, Codable, Sendable {
    let ticket: Int
    let step: QueueStep
    let errand: QueueErrand?
    let window: UInt64
    let at: UInt64
    /// Whether a number that is taken has priority; nil for every other step, and in files of before there was any.
    var hasPriority: Bool?
    /// What the window is called where somebody says at which they sit; nil for every other step.
    var place: String?
}

/// The tickets of one day: judges steps and follows them.
///
/// It has neither clock nor file.
struct QueueDay: Sendable {
    /// What a window is called has so many characters at most.
    static let longestPlace = 8

    private(set) var tickets: [QueueTicket] = []
    /// What the windows are called, by who sits there; those in the hall know no operators' numbers.
    private(set) var places: [UInt64: String] = [:]

    /// Those that wait: who has priority first, and of each the longest first.
    var waiting: [QueueTicket] {
        let all = tickets.filter { $0.state == .waiting }
        return all.filter(\.hasPriority) + all.filter { !$0.hasPriority }
    }

    /// What other windows than this one have in hand.
    func inHand(besides window: UInt64) -> [QueueTicket] {
        tickets.filter { $0.state.isOpen && $0.window != window }
    }

    /// What a window has in hand.
    func ticket(at window: UInt64) -> QueueTicket? { tickets.first { $0.window == window && $0.state.isOpen } }

    /// The step as it may be done now.
    ///
    /// - Parameters:
    ///   - number: the ticket; not looked at where the step finds its own.
    ///   - errand: what a new ticket is for; for the next one, which to call, or nil for whoever is first.
    ///   - hasPriority: whether a new ticket goes before the others: the old, the disabled, those with a small child.
    ///   - place: what the window is called, of whoever says where they sit.
    /// - Throws: `queue.place`, `queue.errand`, `queue.nobody-waits`, `queue.in-hand`, `queue.no-such-ticket`, `queue.not-so`.
    func entry(
        _ step: QueueStep, ticket number: Int?, errand: QueueErrand?, hasPriority: Bool = false, place: String? = nil,
        at window: UInt64, _ time: UInt64
    ) throws(Faults) -> QueueEntry {
        func entry(_ ticket: Int) -> QueueEntry {
            QueueEntry(
                ticket: ticket, step: step, errand: step == .take ? errand : nil, window: window, at: time,
                hasPriority: step == .take && hasPriority ? true : nil)
        }
        switch step {
        case .take:
            guard errand != nil else { throw Faults("queue.errand") }
            return entry(tickets.count + 1)
        case .sit:
            guard let place, (1...Self.longestPlace).contains(place.count), place.utf8.count <= 4 * Self.longestPlace,
                place.unicodeScalars.allSatisfy({ $0.properties.generalCategory != .control })
            else { throw Faults("queue.place", ["most": String(Self.longestPlace)]) }
            return QueueEntry(ticket: 0, step: .sit, errand: nil, window: window, at: time, place: place)
        case .next:
            try checkFree(window)
            guard let next = waiting.first(where: { errand == nil || $0.errand == errand }) else {
                throw Faults("queue.nobody-waits")
            }
            return entry(next.number)
        case .again, .serve, .absent, .recall, .done, .putBack, .takeOver:
            guard let number, let ticket = tickets.first(where: { $0.number == number }) else {
                throw Faults("queue.no-such-ticket")
            }
            let isForAnyFreeWindow = step == .recall || step == .takeOver
            if isForAnyFreeWindow { try checkFree(window) }
            guard isForAnyFreeWindow || ticket.window == window, Self.statesBefore(step).contains(ticket.state) else {
                throw Faults("queue.not-so", ["ticket": ticket.label])
            }
            return entry(number)
        }
    }

    /// Follows a step that was done.
    mutating func follow(_ entry: QueueEntry) {
        if entry.step == .take, let errand = entry.errand {
            tickets.append(
                QueueTicket(
                    number: entry.ticket, errand: errand, takenAt: entry.at, state: .waiting, window: nil,
                    hasPriority: entry.hasPriority == true))
            return
        }
        if entry.step == .sit, let place = entry.place {
            // Whoever sits down there last has it.
            places = places.filter { $0.value != place }
            places[entry.window] = place
            return
        }
        guard let place = tickets.firstIndex(where: { $0.number == entry.ticket }) else { return }
        switch entry.step {
        case .take, .sit: break
        case .next, .again, .recall:
            tickets[place].state = .called
            tickets[place].window = entry.window
            tickets[place].calls += 1
        case .serve: tickets[place].state = .serving
        case .absent: tickets[place].state = .absent
        case .done: tickets[place].state = .done
        case .putBack:
            tickets[place].state = .waiting
            tickets[place].window = nil
        case .takeOver: tickets[place].window = entry.window
        }
    }

    private func checkFree(_ window: UInt64) throws(Faults) {
        if let open = ticket(at: window) { throw Faults("queue.in-hand", ["ticket": open.label]) }
    }

    private static func statesBefore(_ step: QueueStep) -> Set<QueueTicket.State> {
        switch step {
        case .take, .next, .sit: [.waiting]
        case .again, .serve, .absent: [.called]
        case .recall: [.absent]
        case .done: [.serving]
        case .putBack, .takeOver: [.called, .serving]
        }
    }
}
