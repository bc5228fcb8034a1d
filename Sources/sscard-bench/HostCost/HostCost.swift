import CardLayout
import Foundation
import ISO7816
import IssuerKeys
import Personalization
import SmartCardReader

/// What the host costs for each card: a personalisation beside the C replay of the same commands, in turns, on the same reader.
struct HostCost {
    /// What was found.
    struct Report {
        let comparisons: [Comparison]
        let notes: [String]
    }

    private let card: SampleCard
    private let slot: VirtualCardSlot
    private let folder: String
    /// Journals on the disk that is measured, and in memory.
    private let journalFolders: (disk: String, memory: String)
    private let replayProgram: ChildProgram
    private let home: String

    init(_ surroundings: Surroundings, layoutName: String, people: String, row: Int, seed: UInt64) throws {
        home = surroundings.home
        card = try SampleCard(home: surroundings.home, layoutName: layoutName, people: people, row: row)
        slot = try VirtualCardSlot(
            tool: surroundings.tool(), home: surroundings.home, profileName: card.profile.name, seed: seed)
        folder = try surroundings.emptyFolder("host-cost")
        journalFolders = (
            disk: try surroundings.emptyFolder("journal", in: folder),
            memory: try surroundings.emptyFolder(
                "sscard-bench-\(ProcessInfo.processInfo.processIdentifier)", in: "/dev/shm")
        )
        replayProgram = try surroundings.baseline("apdu_replay")
    }

    /// Records, checks that the replay makes the same card, and measures.
    func measure(rounds: Int, progress: (Int) -> Void) async throws -> Report {
        defer { try? FileManager.default.removeItem(atPath: journalFolders.memory) }
        let plan = try card.plan()
        let planHash = try plan.hash
        let recording = try await record(plan, planHash)
        let replay = try ReplayBaseline(
            program: replayProgram, commands: recording.commands, script: folder + "/personalization.apdus")
        try await check(replay, recording)

        var baseline = Samples()
        var onDisk = RunSamples()
        var inMemory = RunSamples()
        var hostAlone = RunSamples()
        var logged = RunSamples()
        var hostLogged = RunSamples()
        let log = try KeyLog.start(in: folder + "/key-log", lock: .development) { 1_790_000_000_000 }
        var planning = Samples()
        var waits = Samples()
        var baselineAndDisk = Samples()
        let disk = try DiskWait(folder: folder)
        let waitCount = plan.stages.count(where: \.isIrreversible)
        for round in 0..<rounds {
            progress(round)
            // Each of the four comes first, second, third and last equally often.
            for turn in 0..<4 {
                switch (round + turn) % 4 {
                case 0:
                    let result = try await slot.withBlankCard { _ in try replay.run() }
                    try recording.judge(result)
                    baseline.add(result.microseconds)
                    let wait = try disk.microseconds(count: waitCount)
                    waits.add(wait)
                    baselineAndDisk.add(result.microseconds + wait * Double(waitCount))
                case 1: onDisk.add(try await personalize(plan, planHash, journalFolders.disk))
                case 2: inMemory.add(try await personalize(plan, planHash, journalFolders.memory))
                default:
                    logged.add(
                        try await personalize(
                            plan, planHash, journalFolders.memory, card: card.guarded(home: home, log: log)))
                }
            }
            let playback = PlaybackChannel(recording.responses, answerToReset: recording.answerToReset)
            hostAlone.add(
                try card.personalize(
                    plan, planHash: planHash, through: playback, journalFolder: journalFolders.memory))
            let again = PlaybackChannel(recording.responses, answerToReset: recording.answerToReset)
            hostLogged.add(
                try card.guarded(home: home, log: log).personalize(
                    plan, planHash: planHash, through: again, journalFolder: journalFolders.memory))
            let stopwatch = Stopwatch()
            _ = try card.plan().hash
            planning.add(stopwatch.microseconds)
        }
        try log.close()
        return Report(
            comparisons: [
                Comparison(
                    name: "card, key log on disk; without", unit: "µs/card", ours: logged.run, baseline: inMemory.run,
                    aim: .atMost(1.15)),
                Comparison(
                    name: "card, journal on disk", unit: "µs/card", ours: onDisk.run, baseline: baseline,
                    aim: .atMost(1.10)),
                Comparison(
                    name: "card, journal on disk; C waits too", unit: "µs/card", ours: onDisk.run,
                    baseline: baselineAndDisk, aim: .atMost(1.10)),
                Comparison(
                    name: "card, journal in memory", unit: "µs/card", ours: inMemory.run, baseline: baseline,
                    aim: .atMost(1.10)),
            ],
            notes: notes(plan, recording, rounds, planning, onDisk, inMemory, hostAlone, baseline) + [
                "guard and key log: \((hostLogged.processor.median - hostAlone.processor.median).grouped) µs of processor time a "
                    + "card more than the \(hostAlone.processor.median.grouped) µs without",
                "the disk alone, in the same rounds: \(waits.range) µs, median \(waits.median.grouped), for one line to "
                    + "come to rest; a card waits for \(waitCount) of them, and \u{201C}C waits too\u{201D} adds them to C",
            ])
    }

    // MARK: - Making sure that like is compared with like

    private struct Recording {
        let answerToReset: AnswerToReset
        let commands: [[UInt8]]
        let responses: [ResponseAPDU]
        let byteCount: Int
        let cardState: Data

        /// A replay that got other answers than the recorded run made another card.
        func judge(_ round: ReplayBaseline.Round) throws {
            guard round.lastStatusWord == "9000" else {
                throw BenchError.void("the replay's last status word is \(round.lastStatusWord)")
            }
            guard round.commandCount == commands.count, round.byteCount == byteCount else {
                throw BenchError.void(
                    "the replay exchanged \(round.commandCount) APDUs and \(round.byteCount) bytes, "
                        + "not \(commands.count) and \(byteCount)")
            }
        }
    }

    private func record(_ plan: CardPlan, _ planHash: [UInt8]) async throws -> Recording {
        let state = folder + "/recorded.card"
        let (card, journalFolder) = (card, journalFolders.disk)
        let recorded = try await slot.withBlankCard(state: state) { reader in
            try await reader.withCard { channel in
                let recorder = RecordingChannel(channel)
                _ = try card.personalize(plan, planHash: planHash, through: recorder, journalFolder: journalFolder)
                return (recorder.answerToReset, recorder.commands, recorder.responses, recorder.byteCount)
            }
        }
        return Recording(
            answerToReset: recorded.0, commands: recorded.1, responses: recorded.2, byteCount: recorded.3,
            cardState: try contents(state))
    }

    /// The replay must leave a card that is the same to the last bit of its state file.
    private func check(_ replay: ReplayBaseline, _ recording: Recording) async throws {
        let state = folder + "/replayed.card"
        let round = try await slot.withBlankCard(state: state) { _ in try replay.run() }
        try recording.judge(round)
        guard try contents(state) == recording.cardState else {
            throw BenchError.void("the replayed card differs from the recorded one")
        }
    }

    private func contents(_ path: String) throws -> Data { try Data(contentsOf: URL(filePath: path)) }

    // MARK: - Measuring

    private struct RunSamples {
        var run = Samples()
        var journal = Samples()
        var processor = Samples()

        mutating func add(_ duration: SampleCard.Duration) {
            run.add(duration.run)
            journal.add(duration.journal)
            processor.add(duration.processor)
        }
    }

    private func personalize(
        _ plan: CardPlan, _ planHash: [UInt8], _ journalFolder: String, card other: SampleCard? = nil
    ) async throws -> SampleCard.Duration {
        let card = other ?? card
        return try await slot.withBlankCard { reader in
            try await reader.withCard { channel in
                try card.personalize(plan, planHash: planHash, through: channel, journalFolder: journalFolder)
            }
        }
    }

    private func notes(
        _ plan: CardPlan, _ recording: Recording, _ rounds: Int, _ planning: Samples, _ onDisk: RunSamples,
        _ inMemory: RunSamples, _ hostAlone: RunSamples, _ baseline: Samples
    ) -> [String] {
        let count = Double(recording.commands.count)
        let waiting = onDisk.run.median - inMemory.run.median
        return [
            "\(plan.layoutName) on \(plan.profile.name): \(recording.commands.count) APDUs "
                + "(fewest possible \(plan.minimum.fewest), \(plan.minimum.forResuming) more to be resumable), \(Double(recording.byteCount).grouped) bytes",
            "medians of \(rounds) interleaved rounds, each on a fresh card with the same challenges; "
                + "from the first APDU to the last; the replayed card equals the recorded one",
            "spread µs: C \(baseline.range), journal on disk \(onDisk.run.range), in memory \(inMemory.run.range)",
            "an APDU: C \((baseline.median / count).fixed(1)) µs, sscard \((onDisk.run.median / count).fixed(1)) µs, "
                + "\((onDisk.processor.median / count).fixed(1)) µs of them on a processor, system calls included",
            "host work alone, answers played back, journal in memory: \(hostAlone.processor.median.grouped) µs of processor "
                + "time a card, \((hostAlone.processor.median / count).fixed(2)) µs an APDU",
            "outside the ratio: making the plan and its hash \(planning.median.grouped) µs, "
                + "beginning the journal \(onDisk.journal.median.grouped) µs on disk, "
                + "\(inMemory.journal.median.grouped) µs in memory",
            "waiting for the journal's disk: \(waiting.grouped) µs, \((100 * waiting / onDisk.run.median).fixed(1)) % of a run",
        ]
    }
}

extension Samples {
    fileprivate var range: String { "\(least.grouped)…\(greatest.grouped)" }
}
