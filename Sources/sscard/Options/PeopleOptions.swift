import ArgumentParser
import CardData
import CardLayout
import Issuing

/// Whose cards, and by which layout.
struct PeopleOptions: ParsableArguments {
    @Option(help: "布局 Layout, for example national-2.0.")
    var layout: String

    @Option(
        help: """
            人员文件 CSV file of people; columns are the layout's element names. \
            Photo and fingerprints are paths beside it, or hexadecimal.
            """)
    var people: String

    @Option(help: "只取第几行 One row only, from 1.")
    var row: Int?

    /// The rows that are meant; throws everything that is wrong with any of them, before a card is touched.
    func rows(_ preparation: CardPreparation) throws -> [PersonRecord] {
        let rows = try named(preparation)
        var faults = FaultCollector()
        for row in rows {
            _ = faults.attempt(at: row.place) { () throws(Faults) in try preparation.checked(row, layoutName: layout) }
        }
        try faults.check()
        return rows
    }

    private func named(_ preparation: CardPreparation) throws -> [PersonRecord] {
        let columns = try preparation.columns(layoutName: layout)
        let all = try PersonFile.read(path: people, expectedColumns: columns)
        guard !all.isEmpty else { throw Faults("tool.no-rows", ["path": people]) }
        let files = AttachedFiles(beside: people, layout: try preparation.library.entry(layout).compiled.layout)
        guard let row else { return try files.read(all) }
        guard row >= 1, all.indices.contains(row - 1) else { throw Faults("tool.no-such-row", ["row": String(row)]) }
        return try files.read([all[row - 1]])
    }
}
