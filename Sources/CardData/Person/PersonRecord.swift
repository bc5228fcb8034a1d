/// One row of a file of people, as it was written: nothing is judged yet.
public struct PersonRecord: Hashable, Sendable {
    /// Text by column; columns are named as the layout names its elements, where needed with file: `DF02.EF06.name`.
    public var values: [String: String]
    /// The row's place in its file.
    public let place: SourcePlace
    /// The names of the file's columns in their order; none where the row comes from no such file.
    public let columns: [String]

    /// A row.
    public init(values: [String: String], place: SourcePlace, columns: [String] = []) {
        self.values = values
        self.place = place
        self.columns = columns
    }

    /// The text of a column; nil when the column is missing or empty.
    public subscript(column: String) -> String? {
        guard let value = values[column], !value.isEmpty else { return nil }
        return value
    }

    /// Where a value stands: the row, and the number of its column as a spreadsheet counts it; the row's place for a column that it has not.
    public func place(of column: String) -> SourcePlace {
        guard let index = columns.firstIndex(of: column) else { return place }
        return SourcePlace(file: place.file, line: place.line, column: index + 1)
    }
}
