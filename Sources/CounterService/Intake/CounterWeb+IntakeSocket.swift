import CardData
import Foundation
import Hummingbird
import Issuing
import Lifecycle
import Logging

/// What the tool sends by the socket to be taken in while the service runs (`RunningCounter.takeIn`).
extension CounterWeb {
    /// No errand's line is longer, in bytes: a column mapping and little more.
    private static let errandLimit = 4 << 20

    func addIntake(toSocket router: Router<BasicRequestContext>) {
        router.post(RouterPath(RunningCounter.intakePath)) { request, _ in
            do {
                return JSONAnswer.response(try await takeIn(request.body))
            } catch {
                let faults = FaultStatus.faults(of: error)
                logger.error("no intake", metadata: ["faults": "\(faults.map(\.code.rawValue).joined(separator: " "))"])
                return JSONAnswer.response(RunningCounter.Refusal(faults), status: .conflict)
            }
        }
    }

    private func takeIn(_ body: RequestBody) async throws -> RunningCounter.IntakeAnswer {
        let file = try desk.spool.makeFile()
        defer { file.remove() }
        let line = try await spool(body, into: file)
        guard let errand = try? JSONDecoder().decode(RunningCounter.IntakeErrand.self, from: Data(line)),
            let handling = errand.handling
        else { throw Faults("counter.json") }
        let (report, faults) = try await desk.intakes.perform(
            errand.order, on: file, handledBy: .init(handling))
        return RunningCounter.IntakeAnswer(report, faults)
    }

    /// Keeps what follows the first line, and gives that line.
    private func spool(_ body: RequestBody, into file: IntakeSpool.File) async throws -> [UInt8] {
        var line: [UInt8] = []
        var isBehindLine = false
        var size = 0
        for try await piece in body {
            var bytes = Array(piece.readableBytesView)
            if !isBehindLine {
                let end = bytes.firstIndex(of: UInt8(ascii: "\n"))
                line += bytes[..<(end ?? bytes.count)]
                bytes.removeSubrange(..<(end.map { $0 + 1 } ?? bytes.count))
                isBehindLine = end != nil
                guard line.count <= Self.errandLimit else { throw Faults("counter.json") }
            }
            size += bytes.count
            guard size <= MappedFile.sizeLimit else {
                throw Faults("file.too-large", ["file": "", "most": String(MappedFile.sizeLimit >> 20)])
            }
            let kept = bytes
            try await desk.threads.run { try file.append(kept) }
        }
        try await desk.threads.run { try file.end() }
        return line
    }
}
