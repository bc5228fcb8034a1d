public import CardData
import Foundation
public import Lifecycle
public import Registry

/// 导入: takes the persons of somebody else's file into the registry, all of them or, when anything is wrong, none.
///
/// Two passes over the file: the first judges every row, the second registers. What is registered is committed in pieces; a run that
/// is broken off goes on where it stopped when it is started again, for what stands in the registry already is passed over.
public struct PersonIntake: Sendable {
    /// What a file holds.
    public struct Survey: Hashable, Sendable {
        /// Rows that were read.
        public var rows = 0
        /// Rows with nothing wrong.
        public var good = 0
        /// Faults of rows.
        public var faults = 0
        /// Good rows of persons whom the registry knows.
        public var known = 0
    }

    private let file: MappedFile
    private let areas: AreaCodeTable
    private let today: CardDate
    private let mode: IssuingMode
    private let validityYears: Int
    /// So many persons share one commit.
    private static let piece = 200

    /// An intake of a file whose header was found right.
    public init(
        _ file: MappedFile, areas: AreaCodeTable, today: CardDate, mode: IssuingMode, validityYears: Int
    ) {
        self.file = file
        self.areas = areas
        self.today = today
        self.mode = mode
        self.validityYears = validityYears
    }

    /// Judges every row; nothing is changed.
    ///
    /// - Parameters:
    ///   - isKnown: whether the registry knows a person.
    ///   - onFault: told each fault with line and field.
    ///   - progress: told the rows read so far.
    public func survey(
        isKnown: (SocialSecurityNumber) throws -> Bool, onFault: (Fault) throws -> Void,
        progress: (Int) -> Void = { _ in }
    ) throws -> Survey {
        var survey = Survey()
        // Where each number stood first. A hash of it, so that millions of rows stay small.
        var lines: [Int: Int] = [:]
        try file.forEachRecord { record in
            survey.rows += 1
            progress(survey.rows)
            let applicant = try applicant(record)
            let number = applicant.socialSecurityNumber
            if let first = lines.updateValue(record.place.line, forKey: number.text.hashValue) {
                throw Faults(
                    "import.person-twice",
                    ["number": number.masked, "first": String(first), "column": "citizenNumber"],
                    at: record.place)
            }
            survey.good += 1
            if try isKnown(number) { survey.known += 1 }
        } onFault: { fault in
            survey.faults += 1
            try onFault(fault)
        }
        return survey
    }

    /// Registers every row's person; call it for a file whose ``survey(isKnown:onFault:progress:)`` found no fault.
    ///
    /// - Parameter batch: the employer's or school's batch for which each person applies; nil registers only.
    public func register(
        in registry: Registry, batch: PersonBatch?, handledBy handling: Handling,
        progress: (IntakeCount) -> Void = { _ in }
    ) throws -> IntakeCount {
        try total(progress) { try registry.takeIn($0, batch: batch, handledBy: handling) }
    }

    /// What ``register(in:batch:handledBy:progress:)`` would do now, judged and counted in the same way; nothing is changed.
    public func foresee(
        in registry: Registry, batch: PersonBatch?, handledBy handling: Handling,
        progress: (IntakeCount) -> Void = { _ in }
    ) throws -> IntakeCount {
        try total(progress) { try registry.foreseeTakingIn($0, batch: batch, handledBy: handling) }
    }

    private func total(
        _ progress: (IntakeCount) -> Void, _ takeIn: ([Person]) throws -> IntakeCount
    ) throws -> IntakeCount {
        var total = IntakeCount()
        var waiting: [Person] = []
        func commit() throws {
            guard !waiting.isEmpty else { return }
            total += try takeIn(waiting)
            waiting.removeAll(keepingCapacity: true)
            progress(total)
        }
        try file.forEachRecord { record in
            waiting.append(Person(try applicant(record)))
            if waiting.count == Self.piece { try commit() }
        } onFault: { fault in
            throw Faults(fault)
        }
        try commit()
        return total
    }

    private func applicant(_ record: PersonRecord) throws(Faults) -> Applicant {
        try Applicant(record, areas: areas, today: today, mode: mode, validityYears: validityYears)
    }
}
