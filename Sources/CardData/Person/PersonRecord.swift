/// One row of a file of people, as it was written: nothing is judged yet.
public struct PersonRecord: Hashable, Sendable {
    /// Text by column; columns are named as the layout names its elements, where needed with file: `DF02.EF06.name`.
    public var values: [String: String]
    /// The row's place in its file.
    public let place: SourcePlace

    /// A row.
    public init(values: [String: String], place: SourcePlace) {
        self.values = values
        self.place = place
    }

    /// The text of a column; nil when the column is missing or empty.
    public subscript(column: String) -> String? {
        guard let value = values[column], !value.isEmpty else { return nil }
        return value
    }
}
