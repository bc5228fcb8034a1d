import CardData
import Foundation
import ServiceLifecycle
import Synchronization

/// 排队: the day's tickets on the disk, and who wants to be told when they change.
///
/// A line a step in `DATA/queue/YYYYMMDD`, on the disk before the step is answered: numbers, errands, windows and times, nothing of
/// anybody. Files of more than a month are removed when a day begins.
final class QueueBook: Service {
    private struct State {
        var day: UInt32 = 0
        var tickets = QueueDay()
        var listeners: [Int: AsyncStream<QueueDay>.Continuation] = [:]
        var nextListener = 0
        var isOver = false
    }

    private static let keptDays = 31
    private let folder: String
    private let clock: @Sendable () -> UInt64
    private let state = Mutex(State())

    /// A book in a data folder; nothing is read or written yet.
    init(dataFolder: String, clock: @escaping @Sendable () -> UInt64) {
        folder = dataFolder + "/queue"
        self.clock = clock
    }

    /// Waits for the service's end, of which listeners then hear.
    func run() async throws {
        try await gracefulShutdown()
        let listeners = state.withLock { state in
            state.isOver = true
            defer { state.listeners = [:] }
            return Array(state.listeners.values)
        }
        listeners.forEach { $0.finish() }
    }

    /// Does a step, if it may be done, and tells everybody; gives the ticket's number.
    func perform(
        _ step: QueueStep, ticket: Int? = nil, errand: QueueErrand? = nil, at window: UInt64
    ) throws(Faults) -> Int {
        let now = clock()
        let done = state.withLock { state -> Result<(Int, [AsyncStream<QueueDay>.Continuation], QueueDay), Faults> in
            do throws(Faults) {
                try open(Moment.day(now), &state)
                let entry = try state.tickets.entry(step, ticket: ticket, errand: errand, at: window, now)
                try write(entry, of: state.day)
                state.tickets.follow(entry)
                return .success((entry.ticket, Array(state.listeners.values), state.tickets))
            } catch {
                return .failure(error)
            }
        }
        let (number, listeners, tickets) = try done.get()
        listeners.forEach { $0.yield(tickets) }
        return number
    }

    /// The tickets of today.
    func today() throws(Faults) -> QueueDay {
        let now = clock()
        return try state.withLock { state -> Result<QueueDay, Faults> in
            do throws(Faults) {
                try open(Moment.day(now), &state)
                return .success(state.tickets)
            } catch {
                return .failure(error)
            }
        }.get()
    }

    /// The tickets from now on, the present ones first; a slow listener gets the newest alone.
    func days() throws(Faults) -> AsyncStream<QueueDay> {
        let tickets = try today()
        return AsyncStream(bufferingPolicy: .bufferingNewest(1)) { continuation in
            let number = state.withLock { state -> Int? in
                guard !state.isOver else { return nil }
                state.nextListener += 1
                state.listeners[state.nextListener] = continuation
                return state.nextListener
            }
            continuation.yield(tickets)
            guard let number else { return continuation.finish() }
            continuation.onTermination = { _ in self.state.withLock { $0.listeners[number] = nil } }
        }
    }

    // MARK: - The day's file

    private func path(_ day: UInt32) -> String { "\(folder)/\(day)" }

    /// Another day than the one before: its file is read, as far as its lines are whole.
    private func open(_ day: UInt32, _ state: inout State) throws(Faults) {
        guard state.day != day else { return }
        do {
            try FileManager.default.createDirectory(
                atPath: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        } catch {
            throw Faults("queue.file", ["file": folder])
        }
        removeOld()
        var tickets = QueueDay()
        if let data = FileManager.default.contents(atPath: path(day)) {
            // A line without an end was never answered.
            let whole = data.prefix(through: data.lastIndex(of: 0x0A) ?? data.startIndex - 1)
            if whole.count < data.count, !DurableFile.replace(path(day), with: Data(whole)) {
                throw Faults("queue.file", ["file": path(day)])
            }
            for line in whole.split(separator: 0x0A) {
                guard let entry = try? JSONDecoder().decode(QueueEntry.self, from: line) else {
                    throw Faults("queue.file", ["file": path(day)])
                }
                tickets.follow(entry)
            }
        }
        state.tickets = tickets
        state.day = day
    }

    private func write(_ entry: QueueEntry, of day: UInt32) throws(Faults) {
        let encoder = JSONEncoder()
        encoder.outputFormatting = .sortedKeys
        guard let data = try? encoder.encode(entry),
            DurableFile.append(String(decoding: data, as: UTF8.self), to: path(day))
        else { throw Faults("queue.file", ["file": path(day)]) }
    }

    private func removeOld() {
        let days = ((try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []).filter { UInt32($0) != nil }
        for day in days.sorted().dropLast(Self.keptDays) {
            try? FileManager.default.removeItem(atPath: folder + "/" + day)
        }
    }
}
