import Lifecycle

/// A row of the conflict table, as programs read it.
struct ConflictReport: Encodable {
    /// What a card says.
    struct Standing: Encodable {
        let state: String
        let end: String?

        init(_ standing: ConflictTable.Standing) {
            state = standing.state.rawValue
            end = standing.end?.english
        }
    }

    /// A ruling, with what a person has to look at.
    struct Ruled: Encodable {
        let ruling: String
        let task: String?

        init(_ ruling: Ruling) {
            self.ruling = ruling.name
            task = if case .needsPerson(let task) = ruling { task.rawValue } else { nil }
        }
    }

    let first: String
    let second: String
    let card: Standing
    let newCards: [Standing]
    let rulings: [Ruled]

    init(_ row: ConflictTable.Row) {
        first = row.first.rawValue
        second = row.second.rawValue
        card = Standing(row.card)
        newCards = row.successors.map(Standing.init)
        rulings = [row.rulingOnFirst, row.rulingOnSecond].map(Ruled.init)
    }

    static func say(_ json: Bool) throws {
        let rows = try ConflictTable.rows()
        if json { return try Terminal.say(json: rows.map(ConflictReport.init)) }
        var table = Table("先到 First", "后到 Second", "原卡 Card", "新卡 New cards", "裁定 Rulings")
        for row in rows {
            table.add(
                "\(row.first.chinese) \(row.first.rawValue)", "\(row.second.chinese) \(row.second.rawValue)",
                text(row.card), row.successors.map(text).joined(separator: " + "),
                "\(row.rulingOnFirst.chinese) / \(row.rulingOnSecond.chinese)")
        }
        Terminal.say(table.text)
    }

    private static func text(_ standing: ConflictTable.Standing) -> String {
        let end = standing.end.map { "（\($0.chinese)）" } ?? ""
        return standing.state.chinese + end + " " + standing.state.rawValue
    }
}
