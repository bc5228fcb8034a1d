import CardData
import Foundation
import Issuing
import Lifecycle

extension Site {
    /// Takes a file in: by the counter service where one runs over the data folder, for the registry is that one's, else by itself.
    ///
    /// - Parameter report: the file that every fault is written to; nil for none.
    /// - Throws: every fault of the file.
    func takeIn(
        _ order: IntakeOrder, from path: String, handledBy handling: Handling, faultsTo report: String?
    ) throws -> IntakeReport {
        var faults = try FaultReport(report)
        let found: IntakeReport?
        if RunningCounter.find(in: options.dataPath) != nil {
            Terminal.progress("由柜面服务办理 the counter service does it")
            let answer = try RunningCounter.takeIn(order, from: path, handledBy: handling, in: options.dataPath)
            for fault in answer.faults { try faults.add(fault) }
            found = answer.report
        } else {
            let desk = IntakeDesk(registry: try registry(begins: order.begins), library: library, today: try today)
            found = try desk.perform(order, on: path, handledBy: .init(handling)) { fault in
                try faults.add(fault)
            } progress: { progress in
                Self.tell(progress, isDryRun: order.isDryRun)
            }
        }
        Terminal.endProgress()
        for waiting in found?.waitingReasons ?? [] { try faults.note(waiting.fault) }
        try faults.finish()
        guard let found else { throw Faults("import.service-ended", ["file": path]) }
        return found
    }

    private static func tell(_ progress: IntakeDesk.Progress, isDryRun: Bool) {
        switch progress {
        case .judged(let rows): if rows.isMultiple(of: 1000) { Terminal.progress("检查 checked \(rows)") }
        case .taken(let done, let all):
            Terminal.progress("\(isDryRun ? "预演 foreseen" : "登记 registered") \(done)/\(all)")
        }
    }
}

extension IntakeOrder.Mapping {
    /// Reads a mapping's file; throws `data-file.not-utf8` and what keeps it from being read.
    static func read(_ path: String) throws(Faults) -> Self {
        guard let text = String(validating: try DataFile.bytes(of: path), as: UTF8.self) else {
            throw Faults("data-file.not-utf8", ["path": path])
        }
        return Self(file: path, text: text)
    }
}
