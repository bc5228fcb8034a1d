import ArgumentParser
import CardData
import IssuerKeys

/// `sscard keys ceremony`: how the root keys come into the world, step by step; between two steps everyone may go home.
struct CeremonyCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "ceremony", abstract: "密钥仪式 Make root keys from the components of 2 to 5 custodians.",
        discussion: """
            例 Example:
              sscard keys ceremony open --state c.json --roster roster.json --custodian 1001 --custodian 1002 \
            --name province --level province --area 990000
              sscard keys ceremony commit --state c.json --custodian-key 1001.key
              sscard keys ceremony commit --state c.json --custodian-key 1002.key
              sscard keys ceremony finish --state c.json --custodian-key 1001.key --custodian-key 1002.key \
            --store province --transcript transcript.json
            """,
        subcommands: [Open.self, Commit.self, Finish.self, Status.self])

    /// How far a ceremony is.
    struct Report: Encodable {
        struct Step: Encodable {
            let number: UInt64
            let name: String
            let checkValue: String?
            let time: String?
        }

        let name: String
        let level: String
        let area: String
        let algorithm: String
        let custodians: [Step]
        let root: String?
        let keyCount: Int?

        init(_ record: CeremonyRecord) {
            let opening = record.opening
            name = opening.name
            level = opening.level.rawValue
            area = opening.area
            algorithm = opening.algorithm.description
            custodians = opening.custodians.enumerated().map { index, custodian in
                let commitment = index < record.commitments.count ? record.commitments[index] : nil
                return Step(
                    number: custodian.number, name: custodian.name, checkValue: commitment?.checkValue.description,
                    time: commitment?.time.description)
            }
            root = record.outcome?.root.description
            keyCount = record.outcome?.keyCount
        }
    }

    static func say(_ record: CeremonyRecord, json: Bool) throws {
        let report = Report(record)
        if json { return try Terminal.say(json: report) }
        Terminal.say("\(report.name) · \(report.level) · \(report.area) · \(report.algorithm)")
        var table = Table("编号 Number", "姓名 Name", "分量校验值 KCV", "时间 Time")
        for step in report.custodians {
            table.add(String(step.number), step.name, step.checkValue ?? "—", step.time ?? "等待 waiting")
        }
        Terminal.say(table.text)
        if let root = report.root, let count = report.keyCount {
            Terminal.say("根密钥校验值 Root KCV \(root) · 密钥 \(count) 个 keys")
        }
    }

    struct Open: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "开始仪式 Say who brings components, in which order, and what shall be made.",
            discussion: """
                例 Example: sscard keys ceremony open --state c.json --roster roster.json --custodian 1001 \
                --custodian 1002 --name province --level province --area 990000
                """)
        @Option(help: "状态文件 The ceremony's state file, to be made.") var state: String
        @Option(help: "名册 The roster of custodians.") var roster: String
        @Option(help: "保管人编号 A custodian's number; repeated, in the order in which they commit.")
        var custodian: [UInt64]
        @Option(help: "密钥库名称 What the key set will be called.") var name: String
        @Option(help: "层级 ministry or province.") var level: String
        @Option(help: "地区代码 Area of six digits; 000000 for the ministry.") var area: String
        @Option(help: "算法 Algorithm of the components: sm4 or 3des.") var algorithm = "sm4"
        @Flag(help: "输出 JSON.") var json = false

        func run() throws {
            let roster = try CustodianRoster.read(roster)
            let custodians = try custodian.map { number in
                guard let found = roster[number] else {
                    throw Faults("ceremony.unknown-custodian", ["number": String(number)])
                }
                return found
            }
            guard let algorithm = CardAlgorithm(algorithm) else {
                throw Faults("component.algorithm", ["algorithm": algorithm])
            }
            let ceremony = try KeyCeremony(
                name: name, level: word(level, KeyLevel.allCases, \.rawValue), area: area, algorithm: algorithm,
                custodians: custodians, time: .now)
            try DurableFile.create(ceremony.stateText, at: state)
            try CeremonyCommand.say(ceremony.record, json: json)
        }
    }

    struct Status: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "仪式进度 Show how far the ceremony is, after checking every signature so far.",
            discussion: "例 Example: sscard keys ceremony status --state c.json")
        @Option(help: "状态文件 The ceremony's state file.") var state: String
        @Flag(help: "输出 JSON.") var json = false

        func run() throws { try CeremonyCommand.say(KeyCeremony.read(state).record, json: json) }
    }
}
