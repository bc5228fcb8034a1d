import CardData
import Foundation
import ServiceLifecycle
import Synchronization

/// 排队: the day's tickets on the disk, and who wants to be told when they change.
///
/// A line a step in `DATA/queue/YYYYMMDD`, on the disk before the step is answered: numbers, errands, windows and times, nothing of
/// anybody. Files of more than a month are removed when a day begins.
final class QueueBook: Service {
    /// Who is told of the tickets as they change.
    enum Listener {
        /// A display in the waiting room, where nobody logs in.
        case display
        /// A page of somebody who has logged in.
        case window

        /// More than any office has are refused, and those of one kind leave the other's places free: what anybody can open must not
        /// shut off the windows.
        fileprivate var most: Int {
            switch self {
            case .display: 64
            case .window: 512
            }
        }

        /// One address has no more of them: what anybody can open must not shut off the displays of the hall either.
        fileprivate var mostOfOne: Int {
            switch self {
            case .display: 8
            case .window: 512
            }
        }
    }

    private struct State {
        var day: UInt32 = 0
        var tickets = QueueDay()
        var listeners: [Int: (kind: Listener, place: LoginPlace, stream: AsyncStream<QueueDay>.Continuation)] = [:]
        var nextListener = 0
        var isOver = false

        /// Shows everybody the tickets; called while the state is locked, so that pictures come in the order of the steps.
        func tell() {
            for listener in listeners.values { listener.stream.yield(tickets) }
        }
    }

    private static let keptDays = 31
    private let folder: String
    private let clock: @Sendable () -> UInt64
    private let append: @Sendable (String, String) -> Bool
    /// Whoever waits for the disk has this one; it is never waited for with the state in hand.
    private let disk = Mutex(())
    private let state = Mutex(State())

    /// A book in a data folder; nothing is read or written yet.
    ///
    /// - Parameter append: brings a line to a file's end, on the disk before it returns.
    init(
        dataFolder: String, clock: @escaping @Sendable () -> UInt64,
        append: @escaping @Sendable (String, String) -> Bool = { DurableFile.append($0, to: $1) }
    ) {
        folder = dataFolder + "/queue"
        self.clock = clock
        self.append = append
    }

    /// Waits for the service's end, of which listeners then hear.
    func run() async throws {
        try await gracefulShutdown()
        let listeners = state.withLock { state in
            state.isOver = true
            defer { state.listeners = [:] }
            return Array(state.listeners.values)
        }
        listeners.forEach { $0.stream.finish() }
    }

    /// Does a step, if it may be done, and tells everybody; gives the ticket's number.
    ///
    /// It waits for the disk.
    func perform(
        _ step: QueueStep, ticket: Int? = nil, errand: QueueErrand? = nil, hasPriority: Bool = false,
        place: String? = nil, at window: UInt64
    ) throws(Faults) -> Int {
        let now = clock()
        return try disk.withLock { _ -> Result<Int, Faults> in
            do throws(Faults) {
                let day = Moment.day(now)
                let entry = try opened(day).entry(
                    step, ticket: ticket, errand: errand, hasPriority: hasPriority, place: place, at: window, now)
                try write(entry, of: day)
                state.withLock { state in
                    state.tickets.follow(entry)
                    state.tell()
                }
                return .success(entry.ticket)
            } catch {
                return .failure(error)
            }
        }.get()
    }

    /// Puts back what a window has in hand when whoever sat there leaves: nobody would call it else.
    ///
    /// It waits for the disk.
    func leave(_ window: UInt64) throws(Faults) {
        guard let open = try today().ticket(at: window) else { return }
        _ = try perform(.putBack, ticket: open.number, at: window)
    }

    /// The tickets of today; it waits for the disk when the day has just begun.
    func today() throws(Faults) -> QueueDay {
        let day = Moment.day(clock())
        if let known = state.withLock({ $0.day == day ? $0.tickets : nil }) { return known }
        return try disk.withLock { _ -> Result<QueueDay, Faults> in
            do throws(Faults) { return .success(try opened(day)) } catch { return .failure(error) }
        }.get()
    }

    /// The tickets from now on, the present ones first; a slow listener gets the newest alone.
    ///
    /// It waits as ``today()`` does.
    ///
    /// - Parameter place: where whoever listens is; behind a terminator nobody is told from anybody else.
    /// - Throws: `queue.displays` when so many listen, in all or there, that no more are taken.
    func days(for listener: Listener, at place: LoginPlace = .untold) throws(Faults) -> AsyncStream<QueueDay> {
        _ = try today()
        let (stream, continuation) = AsyncStream.makeStream(of: QueueDay.self, bufferingPolicy: .bufferingNewest(1))
        let joined = state.withLock { state -> Result<Int?, Faults> in
            let others = state.listeners.values.filter { $0.kind == listener }
            let here = place == .untold ? 0 : others.count { $0.place == place }
            guard others.count < listener.most, here < listener.mostOfOne else {
                return .failure(Faults("queue.displays"))
            }
            continuation.yield(state.tickets)
            guard !state.isOver else { return .success(nil) }
            state.nextListener += 1
            state.listeners[state.nextListener] = (listener, place, continuation)
            return .success(state.nextListener)
        }
        if let number = try joined.get() {
            continuation.onTermination = { _ in self.state.withLock { $0.listeners[number] = nil } }
        } else {
            continuation.finish()
        }
        return stream
    }

    // MARK: - The day's file

    private func path(_ day: UInt32) -> String { "\(folder)/\(day)" }

    /// The tickets of a day.
    ///
    /// Another day than the one before: its file is read, as far as its lines are whole.
    private func opened(_ day: UInt32) throws(Faults) -> QueueDay {
        if let known = state.withLock({ $0.day == day ? $0.tickets : nil }) { return known }
        do {
            try FileManager.default.createDirectory(
                atPath: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        } catch {
            throw Faults("queue.file", ["file": folder])
        }
        removeOld(before: day)
        var tickets = QueueDay()
        guard let lines = DurableFile.wholeLines(of: path(day)) else {
            throw Faults("queue.file", ["file": path(day)])
        }
        for line in lines {
            guard let entry = try? JSONDecoder().decode(QueueEntry.self, from: line) else {
                throw Faults("queue.file", ["file": path(day)])
            }
            tickets.follow(entry)
        }
        let read = tickets
        state.withLock { state in
            state.tickets = read
            state.day = day
            state.tell()
        }
        return read
    }

    /// Brings a step to the disk; where that fails, the day's file is read again before the next one.
    private func write(_ entry: QueueEntry, of day: UInt32) throws(Faults) {
        let file = path(day)
        let encoder = JSONEncoder()
        encoder.outputFormatting = .sortedKeys
        guard let data = try? encoder.encode(entry), append(String(decoding: data, as: UTF8.self), file) else {
            state.withLock { $0.day = 0 }
            throw Faults("queue.file", ["file": file])
        }
    }

    /// Removes what is older than a month before a day: never that day's own file, nor a later one that a wrong clock left.
    private func removeOld(before day: UInt32) {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        let older = names.compactMap { UInt32($0) }.filter { $0 < day }.sorted()
        for old in older.dropLast(Self.keptDays - 1) { try? FileManager.default.removeItem(atPath: path(old)) }
    }
}
