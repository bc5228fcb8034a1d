import CardData
import Issuing

/// Where an intake stands, for programs.
struct IntakeStateReport: Encodable {
    /// What is wrong with a row, or why it waits.
    struct Row: Encodable {
        let line: Int
        let code: String
        let column: String?
        let what: [String: String]
        let next: [String: String]

        init(_ fault: Fault) {
            line = fault.place?.line ?? 0
            code = fault.code.rawValue
            column = fault.parameters["column"]
            let catalogue = MessageCatalogue.standard
            let texts = MessageLanguage.allCases.map { ($0.rawValue, catalogue.text(for: fault, language: $0)) }
            what = Dictionary(uniqueKeysWithValues: texts.map { ($0.0, $0.1.what) })
            next = Dictionary(uniqueKeysWithValues: texts.map { ($0.0, $0.1.next) })
        }
    }

    let intake: String
    let kind: String
    let file: String
    let batch: String?
    /// `judging`, `judged`, `taking`, `taken`, or `refused`.
    let state: String
    /// Rows so far, while it is worked on.
    let done: Int?
    let counts: [String: Int]?
    let faults: [Row]
    let waiting: [Row]
    /// Orders of the batch for which the file has no row.
    let missing: [String]

    /// The most rows that one answer tells; how many there are stands in the counts, and all of them in the page's file.
    private static let limit = 100

    init(_ name: String, _ entry: Intakes.Entry) {
        intake = name
        (kind, file, batch) = (entry.order.kind.rawValue, entry.order.file, entry.order.batch)
        let report = entry.stage.report
        counts = report.map {
            Dictionary(uniqueKeysWithValues: CounterWeb.counts($0, of: entry.order).map { ($0.name, $0.count) })
        }
        waiting = (report?.waitingReasons ?? []).prefix(Self.limit).map { Row($0.fault) }
        missing = report?.missing ?? []
        var (found, rows): ([Fault], Int?) = ([], nil)
        switch entry.stage {
        case .judging(let count): (state, rows) = ("judging", count)
        case .judged: state = "judged"
        case .taking(let count, _): (state, rows) = ("taking", count)
        case .taken: state = "taken"
        case .refused(let faults, _): (state, found) = ("refused", faults)
        }
        done = rows
        faults = found.prefix(Self.limit).map(Row.init)
    }
}
