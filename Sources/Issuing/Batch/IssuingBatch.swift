public import CardData
import ISO7816
import Personalization
import Synchronization

/// Cards for many persons, made in several readers at once: each lane takes the next person when it has a card.
///
/// One person is never begun on two cards: a person goes back to the others only when nothing was begun for them, else the row
/// ends as unfinished and names the chip. Cancelling the task that runs the batch finishes the cards in hand and takes no new ones.
public struct IssuingBatch: Sendable {
    private let desk: IssuingDesk
    private let requests: [IssuingRequest]
    private let counts: [Int]
    private let onRecorded: @Sendable (Int, IssuedCard) throws -> Void
    private let tell: @Sendable (BatchEvent) -> Void

    /// A batch.
    ///
    /// - Parameters:
    ///   - desk: makes and records the cards.
    ///   - requests: one for each row.
    ///   - onRecorded: told, on the reader's thread, once the registry has the card of a row and while its journal still knows the PIN.
    ///   - tell: told what happens, from the lanes' threads.
    /// - Throws: everything that is wrong with any row, before a card is touched.
    public init(
        desk: IssuingDesk, requests: [IssuingRequest],
        onRecorded: @escaping @Sendable (Int, IssuedCard) throws -> Void = { _, _ in },
        tell: @escaping @Sendable (BatchEvent) -> Void = { _ in }
    ) throws(Faults) {
        var faults = FaultCollector()
        counts = requests.map { request in
            faults.attempt(at: nil) { () throws(Faults) in try desk.preparation.commandCount(of: request) } ?? 0
        }
        try faults.check()
        self.desk = desk
        self.requests = requests
        self.onRecorded = onRecorded
        self.tell = tell
    }

    /// Runs the batch until every row is settled, no lane is left, or its task is cancelled.
    ///
    /// - Parameter joining: lanes that come while it runs; it ends with the batch, and does not keep one alive whose lanes are all gone.
    public func run(
        in lanes: [any CardLane], joinedBy joining: AsyncStream<any CardLane>? = nil
    ) async -> BatchReport {
        let run = Run(batch: self)
        await withTaskCancellationHandler {
            await run.run(lanes, joining)
        } onCancel: {
            Task { await run.queue.close() }
        }
        return BatchReport(results: await run.queue.results, obstacle: run.obstacle)
    }

    /// One run of a batch.
    private final class Run: Sendable {
        let queue: BatchQueue
        private let batch: IssuingBatch
        private let tally: Mutex<(done: [Int], total: [Int])>
        private let stoppedBy = Mutex<[Fault]>([])

        init(batch: IssuingBatch) {
            self.batch = batch
            queue = BatchQueue(rowCount: batch.requests.count)
            tally = Mutex((done: batch.counts.map { _ in 0 }, total: batch.counts))
        }

        var obstacle: [Fault] { stoppedBy.withLock { $0 } }

        func run(_ lanes: [any CardLane], _ joining: AsyncStream<any CardLane>?) async {
            await withTaskGroup { group in
                group.addTask { await self.queue.untilOver() }
                group.addTask {
                    await self.runAll(lanes, joining)
                    // Without a lane nothing more can be made.
                    await self.queue.close()
                }
                // Whichever comes first: then lanes that wait for a card stop waiting, and the others finish theirs.
                _ = await group.next()
                group.cancelAll()
            }
        }

        /// What changes the number of lanes.
        private enum Turn: Sendable {
            case joined(any CardLane)
            case ended(name: String)
        }

        /// Returns when all lanes have ended, those that joined as well.
        private func runAll(_ lanes: [any CardLane], _ joining: AsyncStream<any CardLane>?) async {
            guard !lanes.isEmpty else { return }
            let (turns, told) = AsyncStream<Turn>.makeStream()
            await withTaskGroup(of: Void.self) { group in
                for lane in lanes { group.addTask { await self.run(lane, telling: told) } }
                if let joining { group.addTask { for await lane in joining { told.yield(.joined(lane)) } } }
                var roster = LaneRoster(lanes.map(\.name))
                // Cancelled, it takes no turn any more; the lanes finish theirs.
                for await turn in turns {
                    let next =
                        switch turn {
                        case .joined(let lane): roster.join(lane)
                        case .ended(let name): roster.end(name)
                        }
                    if let next {
                        batch.tell(.laneJoined(lane: next.name))
                        group.addTask { await self.run(next, telling: told) }
                    }
                    if roster.isEmpty { break }
                }
                group.cancelAll()
            }
        }

        private func run(_ lane: any CardLane, telling told: AsyncStream<Turn>.Continuation) async {
            await run(lane)
            told.yield(.ended(name: lane.name))
        }

        private func run(_ lane: any CardLane) async {
            var needsCard = true
            while !Task.isCancelled {
                if needsCard {
                    batch.tell(.waiting(lane: lane.name))
                    do { try await lane.nextCard() } catch { return end(lane, BatchFailure(error).faults) }
                }
                guard let row = await queue.take() else { return }
                switch await make(row, in: lane) {
                case .person: needsCard = false
                case nil, .card: needsCard = true
                case .lane(let faults): return end(lane, faults)
                case .site(let faults):
                    stoppedBy.withLock { if $0.isEmpty { $0 = faults } }
                    return await queue.close()
                case .stopped: return
                }
            }
        }

        private func end(_ lane: any CardLane, _ faults: [Fault]) {
            if !faults.isEmpty { batch.tell(.laneEnded(lane: lane.name, faults)) }
        }

        /// Makes the card of a row; nil when it is made.
        private func make(_ row: Int, in lane: any CardLane) async -> BatchFailure? {
            // A card that is made stays made, even when it is pulled before its reader is let go of.
            let made = Mutex<BatchOutcome?>(nil)
            let failure: BatchFailure?
            do {
                try await lane.withCard { channel in
                    let outcome = try self.issue(row, channel, lane.name)
                    made.withLock { $0 = outcome }
                }
                failure = nil
            } catch {
                failure = BatchFailure(error)
            }
            if let outcome = made.withLock({ $0 }) {
                await settle(row, lane, outcome)
                return nil
            }
            let faults = failure?.faults ?? []
            if let chip = unfinishedCard(row) {
                await settle(row, lane, .unfinished(chip, faults))
                // The card in the reader may be another one, which is still a blank.
                return failure
            }
            switch failure {
            case .person: await settle(row, lane, .refused(faults))
            default:
                if !faults.isEmpty { batch.tell(.returned(row: row, lane: lane.name, faults)) }
                await queue.putBack(row)
            }
            return failure
        }

        private func issue(_ row: Int, _ channel: any CardChannel, _ lane: String) throws -> BatchOutcome {
            let start = ContinuousClock.now
            let card = try batch.desk.issue(batch.requests[row], through: channel) { progress in
                batch.tell(.progress(lane: lane, row: row, progress, overall: note(progress, of: row)))
            } onRecorded: { card in
                try batch.onRecorded(row, card)
            }
            return .made(card, ContinuousClock.now - start)
        }

        private func note(_ progress: PlanRunner.Progress, of row: Int) -> BatchProgress {
            tally.withLock { tally in
                tally.done[row] = progress.done
                tally.total[row] = progress.total
                return BatchProgress(done: tally.done.reduce(0, +), total: tally.total.reduce(0, +))
            }
        }

        private func settle(_ row: Int, _ lane: any CardLane, _ outcome: BatchOutcome) async {
            let result = BatchResult(lane: lane.name, outcome: outcome)
            batch.tell(.settled(row: row, result))
            await queue.settle(row, result)
        }

        private func unfinishedCard(_ row: Int) -> CardIdentity? {
            let number = batch.requests[row].person.values["citizenNumber"] ?? ""
            guard let person = try? SocialSecurityNumber(number) else { return nil }
            return try? batch.desk.unfinishedCard(of: person)
        }
    }
}
