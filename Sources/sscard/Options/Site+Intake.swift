import CardData
import Foundation
import Issuing
import Lifecycle
import Registry

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
        } else if order.begins, !options.hasRegistry {
            found = try begin(with: order, from: path, handledBy: handling, faultsTo: &faults)
        } else {
            found = try takeIn(order, from: path, handledBy: handling, by: registry(), faultsTo: &faults)
        }
        Terminal.endProgress()
        for waiting in found?.waitingReasons ?? [] { try faults.note(waiting.fault) }
        try faults.finish()
        guard let found else { throw Faults("import.service-ended", ["file": path]) }
        return found
    }

    /// Takes a file in where no registry is yet: one with faults makes none, and a dry run is held against one that nobody keeps.
    private func begin(
        with order: IntakeOrder, from path: String, handledBy handling: Handling, faultsTo faults: inout FaultReport
    ) throws -> IntakeReport? {
        try options.checkDataIsNamed()
        guard !order.isDryRun else {
            let folder = FileManager.default.temporaryDirectory.appending(path: "sscard-dry-run-\(UUID().uuidString)")
                .path
            defer { try? FileManager.default.removeItem(atPath: folder) }
            let passing = try Registry.open(at: folder, counter: options.counter, policy: policy, clock: Self.clock)
            Terminal.tell("\(options.dataPath) 中还没有登记库，正式导入时新建 there is no registry in it yet; the real run makes one")
            return try takeIn(order, from: path, handledBy: handling, by: passing, faultsTo: &faults)
        }
        let isSound = try IntakeDesk.judgePersons(order, on: FolderFile(path), by: library, today: today, under: policy)
        { fault in
            try faults.add(fault)
        } progress: { progress in
            Self.tell(progress, isDryRun: false)
        }
        guard isSound else { return nil }
        return try takeIn(order, from: path, handledBy: handling, by: registry(begins: true), faultsTo: &faults)
    }

    private func takeIn(
        _ order: IntakeOrder, from path: String, handledBy handling: Handling, by registry: Registry,
        faultsTo faults: inout FaultReport
    ) throws -> IntakeReport? {
        try IntakeDesk(registry: registry, library: library, today: today).perform(
            order, on: FolderFile(path), handledBy: .init(handling)
        ) { fault in
            try faults.add(fault)
        } progress: { progress in
            Self.tell(progress, isDryRun: order.isDryRun)
        }
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
