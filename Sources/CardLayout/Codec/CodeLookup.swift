public import CardData

/// The code tables of a home folder, asked by the names that layouts use.
///
/// `area-codes` is looked up with its extensions (training areas, foreign birth places), all others in `NAME.csv`.
public struct CodeLookup: Sendable {
    private let tables: CodeTables
    private let areas: AreaCodeTable

    /// The tables of a folder (`CardLayouts/tables`); throws what reading the area codes throws.
    public init(folder: String) throws(Faults) {
        self.init(tables: CodeTables(folder: folder), areas: try AreaCodeTable(folder: folder))
    }

    /// Tables and area codes that somebody has already.
    public init(tables: CodeTables, areas: AreaCodeTable) {
        self.tables = tables
        self.areas = areas
    }

    /// The first code of a table; of the area codes one that belongs to nobody.
    ///
    /// Throws what reading the table throws.
    func exampleCode(in table: String) throws(Faults) -> String? {
        table == "area-codes" ? ExampleRecord.area : try tables.table(named: table).entries.first?.code
    }

    /// Throws `element.code-unknown` when the table does not have the code, and what reading the table throws.
    public func check(_ code: String, in table: String, of element: Element) throws(Faults) {
        let isKnown = table == "area-codes" ? areas[code] != nil : try tables.table(named: table).contains(code)
        guard isKnown else {
            throw Faults("element.code-unknown", ["element": element.name, "code": code, "table": table])
        }
    }
}
