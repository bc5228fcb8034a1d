import ByteText
public import CardData
import Foundation

/// A file of test vectors: where they come from, and the cases (`Fixtures/vectors`).
public struct VectorFile: Sendable {
    /// Where the values come from.
    public let source: String
    /// The cases in the order of the file.
    public let cases: [Vector]

    /// Reads the bytes of a file.
    ///
    /// Throws `vectors.malformed` for what is no file of vectors, or has none.
    public init(_ bytes: [UInt8], file: String) throws(Faults) {
        guard let contents = try? JSONDecoder().decode(Contents.self, from: Data(bytes)), !contents.cases.isEmpty else {
            throw Faults("vectors.malformed", ["file": file])
        }
        source = contents.source ?? ""
        cases = contents.cases.map(Vector.init)
    }

    private struct Contents: Decodable {
        let source: String?
        let cases: [[String: Vector.Value]]
    }
}

/// One vector: an operation, its inputs and what must come out, by the names of the file.
public struct Vector: Sendable {
    /// What stands under a name.
    public indirect enum Value: Hashable, Sendable, Decodable {
        /// Text, most often hexadecimal digits.
        case text(String)
        /// A whole number.
        case number(Int)
        /// Yes or no.
        case flag(Bool)
        /// A list.
        case list([Value])
        /// Names with what stands under each.
        case table([String: Value])

        /// Reads whatever stands there.
        public init(from decoder: any Decoder) throws {
            let container = try decoder.singleValueContainer()
            if let flag = try? container.decode(Bool.self) {
                self = .flag(flag)
            } else if let number = try? container.decode(Int.self) {
                self = .number(number)
            } else if let text = try? container.decode(String.self) {
                self = .text(text)
            } else if let list = try? container.decode([Value].self) {
                self = .list(list)
            } else {
                self = .table(try container.decode([String: Value].self))
            }
        }
    }

    private let fields: [String: Value]

    init(_ fields: [String: Value]) { self.fields = fields }

    /// The operation; empty when none is named.
    public var operation: String { text("op") ?? "" }
    /// What people call the case.
    public var name: String { text("name") ?? "" }

    /// A text; nil when there is none under this name.
    func text(_ key: String) -> String? {
        if case .text(let text) = fields[key] { text } else { nil }
    }

    /// A whole number; nil when there is none under this name.
    func number(_ key: String) -> Int? {
        if case .number(let number) = fields[key] { number } else { nil }
    }

    /// Whether a flag is set.
    func isSet(_ key: String) -> Bool { fields[key] == .flag(true) }

    /// The texts of a list.
    func texts(_ key: String) throws(VectorFailure) -> [String] {
        guard case .list(let list) = fields[key] else { throw .missing(key) }
        var texts: [String] = []
        for value in list {
            guard case .text(let text) = value else { throw .missing(key) }
            texts.append(text)
        }
        return texts
    }

    /// The tables of a list.
    func tables(_ key: String) throws(VectorFailure) -> [Vector] {
        guard case .list(let list) = fields[key] else { throw .missing(key) }
        var tables: [Vector] = []
        for value in list {
            guard case .table(let table) = value else { throw .missing(key) }
            tables.append(Vector(table))
        }
        return tables
    }

    /// Bytes written as hexadecimal digits.
    func bytes(_ key: String) throws(VectorFailure) -> [UInt8] {
        guard let text = text(key), let bytes = [UInt8](hexadecimal: text) else { throw .missing(key) }
        return bytes
    }

    /// Bytes where there are some under this name; nil when there are none.
    func optionalBytes(_ key: String) throws(VectorFailure) -> [UInt8]? {
        fields[key] == nil ? nil : try bytes(key)
    }

    /// Whether the case must be refused, or come out otherwise.
    var mustFail: Bool { text("result") == "invalid" }
}

/// Why a case failed.
public enum VectorFailure: Error, Hashable, Sendable {
    /// The operation is not known here.
    case unknown(String)
    /// The case has no such value, or not in the form it must have.
    case missing(String)
    /// Something else came out.
    case differs(expected: String, found: String)
    /// What must be refused was accepted.
    case accepted
    /// What must be accepted was refused.
    case refused(String)
}

extension VectorFailure: CustomStringConvertible {
    /// What happened, in a few words.
    public var description: String {
        switch self {
        case .unknown(let operation): "unknown operation \(operation)"
        case .missing(let field): "no usable value \(field)"
        case .differs(let expected, let found): "expected \(expected), found \(found)"
        case .accepted: "must be refused, but was accepted"
        case .refused(let reason): "refused: \(reason)"
        }
    }
}
