import ArgumentParser
import ByteText
import CardApplication
import CardData
import CardLayout
import ISO7816
import Issuing
import Personalization

/// `sscard card plan`: everything that would be sent, and nothing is.
struct PlanCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "plan", abstract: "打印制卡计划 Print every command of a card before it is made; changes nothing.",
        discussion: """
            例 Example: sscard card plan --layout national-2.0 --people Fixtures/people.csv --row 1

            密钥与密码以 ‹n› 表示，n 为字节数。Keys, cryptograms and PIN show as ‹n›, their number of bytes; the last column says which key fills them
            in which form. A row without a card number is planned with the first number of the counter's range. 每步列出字节数和 9600 波特下的毫秒数
            Each step shows its bytes and its milliseconds at 9600 baud.
            """)

    @OptionGroup var site: SiteOptions
    @OptionGroup var user: KeyUserOptions
    @OptionGroup var people: PeopleOptions
    @Option(help: "芯片序列号 The chip's serial number, 12 hexadecimal digits.") var serial = "990100000001"
    @Option(
        help:
            "读卡器一条指令最多的数据字节 The most data bytes that the reader takes in a command; the card's limit when none is given."
    )
    var block: Int?
    @Flag(help: "输出 JSON.") var json = false

    func validate() throws {
        guard block.map({ (16...255).contains($0) }) ?? true else {
            throw ValidationError("--block: 16…255 字节 bytes")
        }
    }

    func run() throws {
        let site = try Site(site).acting(user.officer)
        let preparation = try site.preparation()
        let rows = try people.rows(preparation)
        func plan(_ row: PersonRecord) throws -> CardPlan {
            try site.plan(row, layout: people.layout, serial: serial, readerTakes: block, preparation)
        }
        let compiled = try preparation.library.entry(people.layout).compiled
        let notices = compiled.notices
        let answer = [UInt8](hexadecimal: serial).flatMap {
            try? AnswerToReset(bytes: compiled.profile.answerToResetPrefix + $0)
        }
        guard json else {
            for (index, row) in rows.enumerated() where !Terminal.hasLostReader {
                let plan = try plan(row)
                if rows.count > 1 { Terminal.say(heading(index + 1, of: rows.count, row)) }
                try print(plan, answer)
                if index + 1 < rows.count { Terminal.say() }
            }
            return Terminal.tell(notices: notices)
        }
        // One row is one object, a file is an array: either way one document.
        if people.row != nil, let row = rows.first {
            return try Terminal.say(json: PlanReport(plan(row), notices, answer))
        }
        try Terminal.say(json: rows.map { try PlanReport(plan($0), notices, answer) })
    }

    /// Whose plan follows, masked: a plan is printed to be passed on.
    private func heading(_ number: Int, of count: Int, _ row: PersonRecord) -> String {
        let name = (try? PersonName(row["name"] ?? ""))?.masked
        let citizen = (try? SocialSecurityNumber(row["citizenNumber"] ?? ""))?.masked
        let person = [name, citizen].compactMap { $0 }.joined(separator: " ")
        return "=== 第 \(number) 人 person \(number) / \(count)  \(person)  \(row.place.file):\(row.place.line)"
    }

    private func print(_ plan: CardPlan, _ answer: AnswerToReset?) throws {
        let report = try PlanReport(plan, [], answer)
        Terminal.say(PlanReport.lines(of: report.steps))
        Terminal.say()
        Terminal.say("指令 commands \(report.commands)  字节 bytes \(report.bytes)")
        Terminal.say(plan.minimum.text)
        if report.recordsWrittenTwice > 0 {
            Terminal.say(
                "\(report.recordsWrittenTwice) 条记录先写空值再写数据 records are written blank first, then with their value:\n"
                    + "  识别码，中断的卡因此不像已发的卡 the identification code, by which a torn card is told from an issued one"
                    + (report.recordsWrittenTwice > 1 ? "；其余因配置 the others because of \(report.profile)" : ""))
        }
        let slow = seconds(report.secondsAt9600)
        let fast = seconds(report.secondsAt115200)
        let parts = CostModel.slow.parts(of: plan)
        Terminal.say("预计 predicted  9600 baud \(slow) s  115200 baud \(fast) s")
        if let offer = report.offer {
            Terminal.say("卡片 TA1=\(offer.ta1)  \(offer.baud) baud \(seconds(offer.seconds)) s")
        }
        Terminal.say("每条指令数据最多 largest block \(report.largestBlock) 字节 bytes")
        Terminal.say(
            "9600 baud:  上电 power-up \(seconds(CostModel.detectAndPowerUp)) s  往返 turn-round \(seconds(parts.turnRound)) s  "
                + "线路 line \(seconds(parts.line)) s  卡片 card \(seconds(parts.cardWork)) s")
        Terminal.say("计划哈希 plan hash \(report.hash)")
    }

    private func seconds(_ value: Double) -> String { String(Double(Int(value * 10)) / 10) }
}

/// A plan for programs.
struct PlanReport: Encodable {
    struct Step: Encodable {
        let command: String
        let answer: String
        let purpose: String
        let subject: String
        let place: String?
        /// Which key fills the slot of the command, in which form; empty where there is none.
        let slot: String
        let bytes: Int
        let millisecondsAt9600: Double
        /// Purpose and subject for people.
        let title: String

        private enum CodingKeys: CodingKey {
            case command, answer, purpose, subject, place, slot, bytes, millisecondsAt9600
        }

        init(_ step: PlanStep, profile: COSProfile) {
            command = step.operation.printed(profile: profile)
            answer = step.expectation.printed
            purpose = step.purpose.kind.rawValue
            subject = step.purpose.subject
            place = step.place?.fileAndLine
            slot = step.operation.slotDescription(profile: profile)
            let parts = CostModel.slow.parts(of: step, profile: profile)
            bytes = parts.bytes
            millisecondsAt9600 = Double(Int(parts.seconds * 10_000)) / 10
            title = step.purpose.title
        }
    }

    let layout: String
    let profile: String
    let commands: Int
    /// The fewest that make the same card, every directory in one stay.
    let minimumCommands: Int
    /// What is paid beside them so that a torn card can be finished: second selections, the code's blank record.
    let resumingCommands: Int
    /// Records written blank first: the identification code, which is part of that price, and all where the profile wants it.
    let recordsWrittenTwice: Int
    /// The most data bytes that a command carries, as it was planned for.
    let largestBlock: Int
    let bytes: Int
    let secondsAt9600: Double
    let secondsAt115200: Double
    /// At the speed that the card offers; nil where it offers none.
    let offer: SpeedOffer?
    let hash: String
    /// Codes of what such a card leaves open; none for most.
    let notices: [String]
    let steps: [Step]

    init(_ plan: CardPlan, _ notices: [Fault], _ answer: AnswerToReset?) throws {
        layout = plan.layoutName
        profile = plan.profile.name
        commands = plan.commandCount
        minimumCommands = plan.minimum.fewest
        resumingCommands = plan.minimum.forResuming
        offer = answer.flatMap { SpeedOffer($0, plan) }
        recordsWrittenTwice = plan.recordsWrittenTwice
        largestBlock = plan.largestBlock
        bytes = plan.byteCount
        secondsAt9600 = CostModel.slow.seconds(of: plan)
        secondsAt115200 = CostModel.fast.seconds(of: plan)
        hash = try plan.hash.hexadecimal
        self.notices = notices.map(\.code.rawValue)
        steps = plan.steps.map { Step($0, profile: plan.profile) }
    }

    /// The steps for people, on lines that fit a wide screen; JSON has every command in full.
    static func lines(of steps: [Step]) -> String {
        table(of: steps).text(within: 160, shortening: [2, 5, 6, 7])
    }

    private static func table(of steps: [Step]) -> Table {
        var table = Table(
            "步 Step", "目的 Purpose", "依据 Because of", "字节 Bytes", "毫秒 ms", "应答 Answer", "指令 Command", "密钥 Slot")
        for (index, step) in steps.enumerated() {
            table.add(
                String(index + 1), step.title, step.place ?? "", String(step.bytes), String(step.millisecondsAt9600),
                step.answer, step.command, step.slot)
        }
        return table
    }
}

/// What a plan takes at the speed that a card offers in TA1 of its answer to reset.
struct SpeedOffer: Encodable, Sendable {
    /// Two hexadecimal digits: Fi and Di.
    let ta1: String
    let baud: Int
    let seconds: Double

    /// Nil for a card that offers none.
    init?(_ answer: AnswerToReset, _ plan: CardPlan) {
        guard let speed = answer.speed, let model = CostModel(offeredBy: answer) else { return nil }
        ta1 = [speed].hexadecimal
        baud = model.baudRate
        seconds = model.seconds(of: plan)
    }
}

extension CommandMinimum {
    /// The fewest commands and what is paid beside them, in both languages.
    var text: String {
        "最少 minimum \(fewest)  另为断点续作 more to be resumable after a tear \(forResuming)（再次选择目录等 second selections and the like）"
    }
}

extension Purpose {
    /// What is done in both languages, and what it is done to; programs get the kind's own name.
    var title: String { "\(kind.chinese) \(kind.english) \(subject)" }
}
