import CPCSC
import Dispatch
import Foundation
import Synchronization

/// Watches readers on a thread of its own, with a PC/SC context that is made anew as often as the service comes back.
final class ReaderWatch: Sendable {
    /// The pseudo reader that stands for readers coming and going.
    private static let plugging = ReaderName(rawValue: #"\\?PnP?\Notification"#)

    private struct State {
        var isStopped = false
        /// The context that a call may be waiting in.
        var context: SCARDCONTEXT?
    }

    private let state = Mutex(State())
    private let stopped = DispatchSemaphore(value: 0)
    private let slice: Duration
    private let retryInterval: Duration
    private let tell: @Sendable (ReaderEvent) -> Void

    /// A watch that tells what happens on its own thread.
    init(slice: Duration, retryInterval: Duration, tell: @escaping @Sendable (ReaderEvent) -> Void) {
        self.slice = slice
        self.retryInterval = retryInterval
        self.tell = tell
    }

    /// Starts the thread.
    func start() {
        let thread = Thread { self.run() }
        thread.name = "reader-watch"
        thread.start()
    }

    /// Ends the thread: at once when a call waits or a retry is due, else after a slice.
    func stop() {
        state.withLock { state in
            state.isStopped = true
            // Under the lock, so that the context is not released meanwhile.
            if let context = state.context { SCardCancel(context) }
        }
        stopped.signal()
    }

    // MARK: - On the thread

    private var isStopped: Bool { state.withLock(\.isStopped) }

    private func run() {
        var isServiceLost = false
        var inventory = ReaderInventory()
        while !isStopped {
            do throws(ReaderError) {
                try watch(&inventory) {
                    if isServiceLost { tell(.serviceRestored) }
                    isServiceLost = false
                }
            } catch {
                if !isServiceLost { tell(.serviceLost(error)) }
                isServiceLost = true
                inventory.loseService()
                _ = stopped.wait(timeout: .now() + .milliseconds(Int(retryInterval.wholeMilliseconds)))
            }
        }
    }

    /// Watches through one context until the service goes away or the watch is stopped.
    private func watch(_ inventory: inout ReaderInventory, whenServed: () -> Void) throws(ReaderError) {
        let context = try PCSCContext.establish()
        guard use(context.handle) else { return }
        defer { _ = use(nil) }
        var isServed = false
        while !isStopped {
            do throws(PCSCFailure) {
                let found = try ReaderList.statuses(context)
                if !isServed { whenServed() }
                isServed = true
                inventory.take(found).forEach(tell)
                try wait(context.handle, until: inventory.known)
            } catch {
                // A reader was unplugged between two calls, or the wait was ended by `stop`.
                guard error.code == SCARD_E_UNKNOWN_READER || error.code == SCARD_E_CANCELLED else {
                    throw error.readerError()
                }
            }
        }
    }

    /// Waits until one of the slots changes, a reader comes or goes, or the slice is over.
    private func wait(_ context: SCARDCONTEXT, until slots: [(name: ReaderName, known: DWORD)]) throws(PCSCFailure) {
        var watched = slots
        // The pseudo reader takes a place like any other, and more than the limit are refused; but then none can come.
        if watched.count < ReaderList.limit, let plugging = Self.plugging {
            watched.append((name: plugging, known: DWORD(SCARD_STATE_UNAWARE)))
        }
        _ = try readerStatus(context, watched, milliseconds: slice.wholeMilliseconds)
    }

    /// Lets `stop` know which context to wake; false when it was called already.
    private func use(_ context: SCARDCONTEXT?) -> Bool {
        state.withLock { state in
            state.context = state.isStopped ? nil : context
            return !state.isStopped
        }
    }
}
