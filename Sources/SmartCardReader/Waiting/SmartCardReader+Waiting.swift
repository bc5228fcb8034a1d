import CPCSC

extension SmartCardReader {
    /// How long a wait goes on before it looks whether it was cancelled: `SCardCancel` is lost between two calls.
    public static let defaultSlice = Duration.milliseconds(500)

    /// The slot as it is now.
    public func current() throws(ReaderError) -> ReaderDescription { try status().description }

    /// Waits until a card is in the slot, answering or mute; restarts of the PC/SC service are waited through.
    ///
    /// - Parameters:
    ///   - slice: see ``defaultSlice``; also the pause between two looks for a service that went away.
    ///   - reminder: when to tell that the slot is still empty.
    ///   - notice: told what the person who waits should know.
    /// - Throws: ``ReaderError`` when the reader goes away, or the service cannot be reached at the beginning; `CancellationError` at
    ///   once when the task is cancelled.
    public func waitForCard(
        slice: Duration = defaultSlice, reminder: Reminder = Reminder(),
        notice: @Sendable (WaitingNotice) -> Void = { _ in }
    ) async throws -> ReaderDescription {
        try await wait(slice: slice, reminder, .stillEmpty(name), notice) { $0.isCardPresent }
    }

    /// Waits until the card is gone from the slot, or another was put in its place.
    ///
    /// - Parameters:
    ///   - card: the slot when the card was in it; nil waits for the card that is in it now.
    ///   - slice: as for ``waitForCard(slice:reminder:notice:)``.
    ///   - reminder: when to tell that the card is still inside.
    ///   - notice: told what the person who waits should know.
    /// - Throws: as ``waitForCard(slice:reminder:notice:)``.
    public func waitForRemoval(
        of card: ReaderDescription? = nil, slice: Duration = defaultSlice, reminder: Reminder = Reminder(),
        notice: @Sendable (WaitingNotice) -> Void = { _ in }
    ) async throws -> ReaderDescription {
        let counter = try card?.eventCounter ?? status().eventCounter
        return try await wait(slice: slice, reminder, .stillInside(name), notice) {
            !$0.isCardPresent || $0.eventCounter != counter
        }
    }

    private func wait(
        slice: Duration, _ reminder: Reminder, _ reminding: WaitingNotice,
        _ notice: @Sendable (WaitingNotice) -> Void, until isReached: (ReaderDescription) -> Bool
    ) async throws -> ReaderDescription {
        var known = try await statusThroughRestart(lookingEvery: slice, notice)
        let isDue = reminder.begin()
        var isReminded = false
        while true {
            guard known.cardState != .unknown else { throw ReaderError.readerRemoved(name) }
            if isReached(known.description) { return known.description }
            do {
                if let changed = try await change(from: known, within: slice) { known = changed }
            } catch ReaderError.serviceNotRunning {
                known = try await statusThroughRestart(lookingEvery: slice, notice)
            }
            if !isReminded, isDue() {
                isReminded = true
                notice(reminding)
            }
            await Task.yield()  // lets others use the reader between two slices
        }
    }

    /// So often a service that served before may seem to refuse access before it is believed.
    private static let refusalsOfARestart = 10

    /// The slot as it is now, once a service that went away is back and has this reader again.
    private func statusThroughRestart(
        lookingEvery pause: Duration, _ notice: @Sendable (WaitingNotice) -> Void
    ) async throws -> ReaderStatus {
        var isLost = false
        var refusals = 0
        while true {
            do throws(ReaderError) {
                let status = try status()
                if isLost { notice(.serviceRestored) }
                return status
            } catch {
                switch error {
                case .serviceNotRunning where wasServed:
                    if !isLost { notice(.serviceLost(error)) }
                    isLost = true
                // A service that goes away while it is being connected to looks like one that lets nobody in.
                case .accessRefused where wasServed && refusals < Self.refusalsOfARestart:
                    refusals += 1
                    if !isLost { notice(.serviceLost(.serviceNotRunning)) }
                    isLost = true
                case .readerNotFound where isLost: break  // the service has not found its readers yet
                default: throw error
                }
            }
            try await Task.sleep(for: pause)
        }
    }

    /// The slot's status when it differs from `known`; nil when nothing happened in that time.
    private func change(from known: ReaderStatus, within slice: Duration) async throws -> ReaderStatus? {
        let handle = try contextHandle()
        return try await withTaskCancellationHandler {
            try Task.checkCancellation()
            do throws(PCSCFailure) {
                return try readerStatus(
                    handle, [(name: name, known: known.rawState)], milliseconds: slice.wholeMilliseconds)?.first
            } catch {
                // The call may also have been ended for a task that is gone; then this one goes on.
                guard error.code == SCARD_E_CANCELLED else {
                    let answer = giveUp(on: error)
                    throw error.lostService ? .serviceNotRunning : answer
                }
                try Task.checkCancellation()
                return nil
            }
        } onCancel: {
            SCardCancel(handle)
        }
    }
}
