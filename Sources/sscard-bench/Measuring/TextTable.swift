/// Rows under a heading, their columns aligned.
struct TextTable {
    /// The heading first.
    let rows: [[String]]
    /// How many columns hold words and stand at the left; numbers stand at the right.
    let leftColumns: Int

    var text: String {
        let widths = (rows.first ?? []).indices.map { column in rows.map { $0[column].count }.max() ?? 0 }
        return rows.map { row in
            row.indices.map { column in
                let blanks = String(repeating: " ", count: widths[column] - row[column].count)
                return column < leftColumns ? row[column] + blanks : blanks + row[column]
            }.joined(separator: "  ")
        }.joined(separator: "\n")
    }
}
