import ByteText
public import CardData
public import Foundation
public import Lifecycle
public import Personalization

/// What lies in the folder of issues: those that can be read, and what is wrong with the rest.
///
/// A damaged file never stands in the way of the issues of other people.
public struct IssueListing: Sendable {
    /// The issues that could be read, the oldest first.
    public let issues: [IssueProgress]
    /// The files that could not.
    public let damaged: [DamagedIssue]

    /// The issues in a folder that have not ended, and the damaged files; nothing where there is no such folder.
    public static func unfinished(in folder: String) throws(IssueFlowError) -> IssueListing {
        try IssueFile(folder: folder).all().unfinished
    }

    /// The issues in a folder that ended without a card after a fee was settled, and of which nobody has said what became of it.
    public static func owingFees(in folder: String) throws(IssueFlowError) -> [IssueProgress] {
        try IssueFile(folder: folder).owing()
    }

    /// Without the issues that have ended.
    var unfinished: IssueListing { IssueListing(issues: issues.filter { $0.end == nil }, damaged: damaged) }

    /// Why files could not be read, one fault each.
    public var faults: [Fault] { damaged.map(\.fault) }
}

/// A file of an issue that is not as it was written: cut off, altered, or not to be read.
///
/// Nothing of it is believed. But while it lies there, the chip and the person whose names can still be made out in it are taken for
/// those of an open issue.
public struct DamagedIssue: Hashable, Sendable {
    /// The name of the issue, as its file has it.
    public let identifier: String
    /// Where the file lies.
    public let path: String
    /// The chip that it may concern; nil where that cannot be made out.
    public let chip: CardIdentity?
    /// The person whom it may concern; nil where that cannot be made out.
    public let person: PersonReference?

    /// Makes out what can be made out.
    ///
    /// - Parameter data: what the file holds.
    public init(_ identifier: String, path: String, holding data: Data) {
        self.identifier = identifier
        self.path = path
        let lines = String(decoding: data, as: UTF8.self).split(separator: "\n")
        func value(_ name: String) -> String? {
            lines.first { $0.hasPrefix(name + ": ") }.map { String($0.dropFirst(name.count + 2)) }
        }
        chip = value("chip").flatMap { CardIdentity(text: $0) }
        person = value("person").flatMap { [UInt8](hexadecimal: $0) }.flatMap { PersonReference(bytes: $0) }
    }

    /// What is told of it.
    public var fault: Fault { Fault("issue.damaged", ["issue": identifier, "path": path, "chip": chip?.text ?? "–"]) }
}
