public import CardData

/// A fault as one process tells it to another.
public struct ToldFault: Codable, Hashable, Sendable {
    private struct Place: Codable, Hashable {
        let file: String
        let line: Int
        let column: Int
    }

    private let code: String
    private let parameters: [String: String]
    private let place: Place?

    /// A fault to be told.
    public init(_ fault: Fault) {
        code = fault.code.rawValue
        parameters = fault.parameters
        place = fault.place.map { Place(file: $0.file, line: $0.line, column: $0.column) }
    }

    /// The fault that was told.
    public var fault: Fault {
        Fault(
            FaultCode(rawValue: code), parameters,
            at: place.map { SourcePlace(file: $0.file, line: $0.line, column: $0.column) })
    }
}
