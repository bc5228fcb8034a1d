/// The stable name of one kind of fault, for example `citizen-number.check-character`.
///
/// Each has an entry in the message catalogue (`Resources/messages.yaml`); a test keeps both in step.
public struct FaultCode: RawRepresentable, Hashable, Sendable {
    /// Lower-case words joined by hyphens, the subject first, then a full stop, then what is wrong.
    public let rawValue: String

    /// Names a fault.
    public init(rawValue: String) { self.rawValue = rawValue }
}

extension FaultCode: ExpressibleByStringLiteral {
    /// Names a fault.
    public init(stringLiteral value: String) { rawValue = value }
}

/// A place in a file that a person can open: line and column count from 1.
public struct SourcePlace: Hashable, Sendable {
    /// The file's path as it was given.
    public let file: String
    /// The line, from 1.
    public let line: Int
    /// The column, from 1.
    public let column: Int

    /// A place in a file.
    public init(file: String, line: Int, column: Int = 1) {
        self.file = file
        self.line = line
        self.column = column
    }
}

extension SourcePlace: CustomStringConvertible {
    /// `file:line:column`.
    public var description: String { "\(file):\(line):\(column)" }
}

/// One thing that is wrong: a code, what fills the gaps of its message, and where.
///
/// Parameters are shown to people and written to logs, so they never hold a secret or a whole personal number.
public struct Fault: Hashable, Sendable {
    /// Which message of the catalogue tells it.
    public let code: FaultCode
    /// Fills `{name}` in the message.
    public let parameters: [String: String]
    /// Where it was found, when it was found in a file.
    public let place: SourcePlace?

    /// A fault with what fills its message.
    public init(_ code: FaultCode, _ parameters: [String: String] = [:], at place: SourcePlace? = nil) {
        self.code = code
        self.parameters = parameters
        self.place = place
    }

    /// The same fault with a place, when it has none of its own.
    public func located(at place: SourcePlace?) -> Fault { Fault(code, parameters, at: self.place ?? place) }
}

/// An error that can say what is wrong in the catalogue's terms.
public protocol FaultReporting: Error {
    /// Everything that is wrong, at least one.
    var faults: [Fault] { get }
}

/// Everything that is wrong with one input: never none.
public struct Faults: FaultReporting, Hashable, Sendable {
    /// The faults in the order they were found.
    public let faults: [Fault]

    /// One fault.
    public init(_ fault: Fault) { faults = [fault] }

    /// One fault by its code.
    public init(_ code: FaultCode, _ parameters: [String: String] = [:], at place: SourcePlace? = nil) {
        faults = [Fault(code, parameters, at: place)]
    }

    /// All of them; nil when there are none.
    public init?(_ faults: [Fault]) {
        guard !faults.isEmpty else { return nil }
        self.faults = faults
    }
}
