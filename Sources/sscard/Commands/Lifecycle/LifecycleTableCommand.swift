import ArgumentParser
import Lifecycle

/// `sscard lifecycle table`: the rules, printed from the code that judges by them.
struct LifecycleTableCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "table", abstract: "规则表 Print the table of transitions, and what is ruled where acts crossed.",
        discussion: """
            例 Example: sscard lifecycle table --conflicts --json
            冲突裁定由裁定代码逐对算出。The rulings are worked out, pair by pair, by the code that rules.
            """)
    @Flag(help: "只列冲突裁定 Only the rulings on acts that crossed.") var conflicts = false
    @Flag(help: "输出 JSON.") var json = false

    private struct Row: Encodable {
        let act: String
        let actZh: String
        let from: [String]
        let social: [String]
        let ended: String
        let restriction: String?
        let by: [String]
        let with: [String]
        let needs: [[String]]
        let offline: String
        let chip: String?
        /// Whether the program does it; nil where there is nothing to do on the chip.
        let chipDone: Bool?
        let list: String?
        let slip: String?
    }

    func run() throws {
        if conflicts { return try ConflictReport.say(json) }
        if json {
            return try Terminal.say(
                json: TransitionTable.rows.map { row in
                    Row(
                        act: row.transition.rawValue, actZh: row.transition.chinese,
                        from: row.physical.map(\.rawValue).sorted(),
                        social: row.social.map { $0 == .sealed ? "sealed" : "enabled" }.sorted(),
                        ended: row.ended.rawValue, restriction: row.restriction?.english,
                        by: row.officers.map(\.name).sorted(),
                        with: row.secondPersons.map(\.name).sorted(), needs: row.needs.map(\.names),
                        offline: row.offline.rawValue, chip: row.chip?.rawValue,
                        chipDone: row.chip.map { _ in row.isChipActionDone }, list: row.list?.rawValue,
                        slip: row.slip?.rawValue)
                })
        }
        var table = Table(
            "业务 Act", "实体卡 From", "经办 By", "复核 With", "证明 Needs", "断网 Offline", "芯片 Chip", "挂失名单 List")
        for row in TransitionTable.rows {
            table.add(
                "\(row.transition.chinese) \(row.transition.rawValue)",
                row.physical.count == PhysicalState.allCases.count
                    ? "任何 any" : row.physical.map(\.rawValue).sorted().joined(separator: " "),
                row.officers.map(\.name).sorted().joined(separator: " "),
                row.secondPersons.map(\.name).sorted().joined(separator: " "),
                row.needs.map { $0.names.joined(separator: "/") }.joined(separator: " + "), row.offline.rawValue,
                row.chip.map { $0.rawValue + (row.isChipActionDone ? "" : "（提示 told）") } ?? "", row.list?.rawValue ?? ""
            )
        }
        Terminal.say(table.text)
        Terminal.say("")
        try ConflictReport.say(false)
    }
}

extension TransitionRow {
    /// Whether the program does on the chip what the row names; elsewhere whoever acts is told.
    ///
    /// No published command sets a card in use; a card that ends by the centre's word is cut by hand; and none of our commands blocks an
    /// application, so none has to let one go again.
    fileprivate var isChipActionDone: Bool {
        switch transition {
        case .personalize, .spoil, .renew, .endChip, .destroy, .changeData, .migrate, .changePIN, .resetPIN,
            .unblockPIN, .releasePINLock:
            true
        default: false
        }
    }
}
