public import CardData
import CardLayout
public import Lifecycle
public import Registry

/// 导入与回盘: carries an intake's order out, beside the running service and without one alike.
public struct IntakeDesk: Sendable {
    /// How far an intake is.
    public enum Progress: Hashable, Sendable {
        /// Rows that were judged.
        case judged(Int)
        /// Rows of so many that were taken in, or in a dry run foreseen.
        case taken(Int, of: Int)
    }

    /// So many reasons of rows that wait are told; how many rows wait is told in any case.
    private static let waitingLimit = 2000

    private let registry: Registry
    private let library: CardLibrary
    private let today: CardDate

    /// A desk over an open registry and the site's layouts.
    public init(registry: Registry, library: CardLibrary, today: CardDate) {
        self.registry = registry
        self.library = library
        self.today = today
    }

    /// Judges every row of a file, and takes them in where none is wrong and the order is no dry run.
    ///
    /// Done once more with the same file it changes nothing; a run that was broken off goes on.
    ///
    /// - Parameters:
    ///   - source: the file.
    ///   - officers: who enters the persons or answers for the making (`maker`), and who takes cards into stock (`keeper`).
    ///   - onFault: told each fault of a row.
    /// - Returns: what was found and done; nil where a fault was told, and nothing was changed then.
    /// - Throws: what is wrong with the order, the mapping or the file's header; what the rules have against the acts.
    public func perform(
        _ order: IntakeOrder, on source: any IntakeSource, handledBy officers: FactoryReturn.Officers,
        onFault: (Fault) throws -> Void, progress: (Progress) -> Void = { _ in }
    ) throws -> IntakeReport? {
        switch order.kind {
        case .persons: try takeInPersons(order, source, officers.maker, onFault, progress)
        case .factoryReturn: try takeInReturn(order, source, officers, onFault, progress)
        }
    }

    /// Judges every row of a file of persons by itself, for a counter that has no registry yet to hold them against.
    ///
    /// - Returns: whether no row had a fault.
    /// - Throws: what is wrong with the order, the mapping or the file's header.
    public static func judgePersons(
        _ order: IntakeOrder, on source: any IntakeSource, by library: CardLibrary, today: CardDate,
        under policy: LifecyclePolicy,
        onFault: (Fault) throws -> Void, progress: (Progress) -> Void = { _ in }
    ) throws -> Bool {
        _ = try personBatch(order)
        let (intake, _) = try persons(order, source, library, today, policy)
        return try intake.survey { _ in
            false
        } onFault: { fault in
            try onFault(fault)
        } progress: { rows in
            progress(.judged(rows))
        }.faults == 0
    }

    private static func persons(
        _ order: IntakeOrder, _ source: any IntakeSource, _ library: CardLibrary, _ today: CardDate,
        _ policy: LifecyclePolicy
    ) throws -> (PersonIntake, MappedFile) {
        let file = try file(order, source, for: .persons) { () throws(Faults) in
            .plain(.persons, passingOver: Array(try library.entry(order.layout).encoder.valueNames))
        }
        let intake = PersonIntake(
            file, areas: library.areas, today: today, mode: policy.mode == .production ? .production : .training,
            validityYears: policy.validityYears)
        return (intake, file)
    }

    private func takeInPersons(
        _ order: IntakeOrder, _ source: any IntakeSource, _ handling: Handling, _ onFault: (Fault) throws -> Void,
        _ progress: (Progress) -> Void
    ) throws -> IntakeReport? {
        let batch = try Self.personBatch(order)
        let (intake, file) = try Self.persons(order, source, library, today, registry.policy)
        let survey = try intake.survey { number in
            try registry.knows(registry.reference(of: number))
        } onFault: { fault in
            try onFault(fault)
        } progress: { rows in
            progress(.judged(rows))
        }
        guard survey.faults == 0 else { return nil }
        func told(_ count: IntakeCount) { progress(.taken(count.new + count.changed + count.same, of: survey.rows)) }
        // Judged and counted as the real run is, so that it meets no refusal that this one has not.
        let count =
            order.isDryRun
            ? try intake.foresee(in: registry, batch: batch, handledBy: handling, progress: told)
            : try intake.register(in: registry, batch: batch, handledBy: handling, progress: told)
        var report = IntakeReport()
        (report.encoding, report.isDryRun) = (file.encoding.rawValue, order.isDryRun)
        (report.rows, report.known) = (survey.rows, survey.known)
        report.take(count)
        return report
    }

    private func takeInReturn(
        _ order: IntakeOrder, _ source: any IntakeSource, _ officers: FactoryReturn.Officers,
        _ onFault: (Fault) throws -> Void,
        _ progress: (Progress) -> Void
    ) throws -> IntakeReport? {
        let file = try Self.file(order, source, for: .returns) { () throws(Faults) in .plain(.returns) }
        let returned = try FactoryReturn(
            file, madeBy: library.entry(order.layout), for: registry, batch: order.batch, officers: officers)
        var waiting: [ToldFault] = []
        func keep(_ fault: Fault) { if waiting.count < Self.waitingLimit { waiting.append(ToldFault(fault)) } }
        let survey = try returned.survey(onFault: onFault, onWaiting: keep)
        guard survey.faults == 0 else { return nil }
        progress(.judged(survey.rows))
        var counted = survey
        if !order.isDryRun {
            waiting = []
            counted = try returned.book(progress: { progress(.taken($0, of: survey.rows)) }, onWaiting: keep)
        }
        var report = IntakeReport()
        (report.encoding, report.isDryRun) = (file.encoding.rawValue, order.isDryRun)
        (report.rows, report.finished, report.failed) = (counted.rows, counted.finished, counted.failed)
        (report.bookedBefore, report.waiting, report.waitingReasons) = (counted.booked, counted.waiting, waiting)
        report.missing = survey.missing.map(\.description)
        return report
    }

    private static func personBatch(_ order: IntakeOrder) throws(Faults) -> PersonBatch? {
        guard let batch = order.batch else { return nil }
        guard let found = PersonBatch(number: batch, way: order.isInstant ? .instant : .factory) else {
            throw Faults("import.batch", ["batch": String(batch.prefix(64))])
        }
        return found
    }

    private static func file(
        _ order: IntakeOrder, _ source: any IntakeSource, for elements: ColumnMapping.Elements,
        plain: () throws(Faults) -> ColumnMapping
    ) throws(Faults) -> MappedFile {
        let mapping =
            if let given = order.mapping {
                try ColumnMapping.parse(given.text, file: given.file, for: elements)
            } else { try plain() }
        return try MappedFile(source, named: order.file, by: mapping, for: elements)
    }
}
