import ByteText
import CardData
import Issuing
import Lifecycle
import Personalization
import SmartCardReader
import Synchronization

/// `sscard card personalize` in several readers at once: progress, and what became of each row.
struct PersonalizeLanes: Sendable {
    let desk: IssuingDesk
    let layoutName: String
    let pin: PINSource
    let handling: Handling
    let dataFolder: String
    let isJSON: Bool
    let tracing: TraceOptions

    /// Works the rows off; `names` are the readers, nil means all that are no slots for security modules.
    func run(_ rows: [PersonRecord], in names: [String]?) async throws {
        let readers = try readers(names)
        let screen = LaneScreen(lanes: readers.map(\.rawValue))
        let requests = try rows.map { row in
            IssuingRequest(
                person: row, layoutName: layoutName, pin: try pin.pin(for: row, under: desk.policy), handling: handling)
        }
        let batch = try IssuingBatch(desk: desk, requests: requests) { [pin, dataFolder] _, card in
            if pin.isGenerated { try PINSlip.write(card, to: PINSlip.path(in: dataFolder, for: card.number)) }
        } tell: { event in
            Self.show(event, of: rows.count, on: screen)
        }
        let count = Mutex(0)
        let lane: @Sendable (ReaderName) -> any CardLane = { [tracing] name in
            let tell: @Sendable (WaitingNotice) -> Void = { notice in screen.above { Terminal.tell(notice.faults) } }
            let lane = ReaderLane(SmartCardReader(name, notice: tell), notice: tell)
            guard tracing.isWanted else { return lane }
            let number = count.withLock { count in
                count += 1
                return count
            }
            return TracedLane(lane, tracing.ofLane(number), on: screen)
        }
        let isNamed = names != nil
        let joining = JoiningReaders.lanes(
            of: ReaderEvents(), besides: readers,
            where: { name in isNamed ? readers.contains(name) : !name.looksLikeSAMSlot }, lane: lane)
        let report = try await Interruption.cancelling {
            await batch.run(in: readers.map(lane), joinedBy: joining)
        } whenAsked: {
            screen.above { Terminal.tell("正在做完手中的卡，然后停止 finishing the cards in hand, then stopping") }
        }
        screen.end()
        try tell(report, rows, requests)
    }

    private func readers(_ names: [String]?) throws(ReaderError) -> [ReaderName] {
        guard let names else {
            let attached = try ReaderList.current()
            if attached.count >= ReaderList.limit {
                Terminal.tell([ReaderList.limitReached])
            }
            let readers = attached.map(\.name).filter { !$0.looksLikeSAMSlot }
            guard !readers.isEmpty else { throw .noReader }
            return readers
        }
        var readers: [ReaderName] = []
        for name in names {
            let reader = try ReaderList.reader(named: name).name
            if !readers.contains(reader) { readers.append(reader) }
        }
        return readers
    }

    // MARK: - While it runs

    private static func show(_ event: BatchEvent, of count: Int, on screen: LaneScreen) {
        switch event {
        case .laneJoined(let lane):
            screen.add(lane)
            screen.above { Terminal.tell("\(lane)  新接读卡器，一同制卡 a reader was plugged in and works with the others") }
        case .waiting(let lane):
            screen.show("等待卡片 waiting for a card", lane: lane)
        case .progress(let lane, let row, let progress, let overall):
            screen.show(
                "\(row + 1)/\(count)  \(progress.done)/\(progress.total)  \(progress.purpose.text)", lane: lane,
                overall: "合计 total  \(overall.done)/\(overall.total)")
        case .settled(let row, let result):
            let lane = result.lane ?? ""
            screen.show("", lane: lane)
            screen.above {
                Terminal.tell("\(lane)  \(row + 1)/\(count)  \(LaneRow(row: row, result, pinSlip: nil).outcomeText)")
            }
        case .returned(let row, let lane, let faults):
            screen.above {
                Terminal.tell("\(lane)  \(row + 1)/\(count)  此卡不能用，请换卡 this card cannot be used, insert another")
                Terminal.tell(faults)
            }
        case .laneEnded(let lane, let faults):
            screen.show("已停用 out of service", lane: lane)
            screen.above {
                Terminal.tell("\(lane)  已停用 out of service")
                Terminal.tell(faults)
            }
        }
    }

    // MARK: - When it is over

    private func tell(_ report: BatchReport, _ rows: [PersonRecord], _ requests: [IssuingRequest]) throws {
        let lines = try report.results.enumerated().map { index, result in
            LaneRow(row: index, result, pinSlip: try slipPath(for: result))
        }
        if isJSON {
            try Terminal.say(json: lines)
        } else {
            // The rows to which nobody came are told once, in the message at the end.
            lines.filter { !$0.isLeft }.forEach { Terminal.say($0.text) }
        }
        var faults: [Fault] = []
        for (result, (row, request)) in zip(report.results, zip(rows, requests)) {
            switch result.outcome {
            case .made(let card, _):
                if !pin.isGenerated, card.pin != request.pin {
                    Terminal.tell("\(card.number.text)  续作的卡使用开始制作时的密码 has the PIN that was chosen when it was begun.")
                }
            case .refused(let reasons), .unfinished(_, let reasons): faults += reasons.map { $0.located(at: row.place) }
            case .left: break
            }
        }
        faults += report.obstacle
        if !report.left.isEmpty {
            let numbers = RowNumbers.text(of: report.left.map { $0 + 1 })
            faults.append(Fault("batch.left", ["count": String(report.left.count), "rows": numbers]))
        }
        guard faults.isEmpty else { throw ExitVerdict(code: ErrorReport(faults: faults).print()) }
    }

    private func slipPath(for result: BatchResult) throws -> String? {
        guard pin.isGenerated, case .made(let card, _) = result.outcome else { return nil }
        return try PINSlip.path(in: dataFolder, for: card.number)
    }
}

/// What became of one row, for programs and for people.
struct LaneRow: Encodable {
    /// The row's number in the file that was given, or in its choice, from 1.
    let row: Int
    let reader: String?
    let outcome: String
    private(set) var cardNumber: String?
    private(set) var identificationCode: String?
    private(set) var commands: Int?
    private(set) var seconds: Double?
    private(set) var resumed: Bool?
    private(set) var planHash: String?
    private(set) var pinSlip: String?
    private(set) var chip: String?
    private(set) var faults: [String]?

    init(row: Int, _ result: BatchResult, pinSlip: String?) {
        self.row = row + 1
        reader = result.lane
        switch result.outcome {
        case .made(let card, let duration):
            outcome = "made"
            cardNumber = card.number.text
            identificationCode = card.identificationCode.text
            commands = card.commandCount
            seconds = Double(duration.components.seconds) + Double(duration.components.attoseconds) / 1e18
            resumed = card.wasResumed
            planHash = card.planHash.hexadecimal
            self.pinSlip = pinSlip
        case .refused(let reasons):
            outcome = "refused"
            faults = reasons.map(\.code.rawValue)
        case .unfinished(let card, let reasons):
            outcome = "unfinished"
            chip = card.text
            faults = reasons.map(\.code.rawValue)
        case .left:
            outcome = "left"
        }
    }

    /// Whether nobody came to the row.
    var isLeft: Bool { outcome == "left" }

    /// The outcome in both languages.
    var outcomeText: String {
        switch outcome {
        case "made":
            "\(cardNumber ?? "")  \(identificationCode ?? "")  \(commands ?? 0) 条指令 commands  "
                + "\(Double(Int((seconds ?? 0) * 1000)) / 1000) s" + (resumed == true ? "  续作 resumed" : "")
        case "refused": "未制卡 refused  \(faults?.joined(separator: " ") ?? "")"
        case "unfinished": "未完成 unfinished  芯片 chip \(chip ?? "")  \(faults?.joined(separator: " ") ?? "")"
        default: "未开始 left"
        }
    }

    /// The lines for people.
    var text: String {
        "\(row)  \(outcomeText)" + (pinSlip.map { "\n    密码单 PIN slip: \($0)" } ?? "")
    }
}
