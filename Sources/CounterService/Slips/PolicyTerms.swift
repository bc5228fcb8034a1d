import CardData
import Foundation
import Lifecycle

/// What policies say that papers repeat, kept as each came into force at this counter: a copy says what its original said, whatever the
/// policy says by then.
///
/// A line of JSON in `DATA/operators/terms` whenever a start brings other terms.
struct PolicyTerms: Sendable {
    private struct Line: Codable {
        /// The first event that may have been judged by it.
        let from: UInt64
        let temporaryLossDays: Int
        let version: String
    }

    private let lines: [Line]

    /// The terms of a data folder, those of the policy in force now among them.
    ///
    /// - Parameter next: the place in the log that the next event takes.
    /// - Throws: `counter.slip-file` when the file can be neither read nor written.
    init(dataFolder: String, policy: LifecyclePolicy, next: UInt64) throws(Faults) {
        let folder = dataFolder + "/operators"
        let path = folder + "/terms"
        do {
            try FileManager.default.createDirectory(
                atPath: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        } catch {
            throw Faults("counter.slip-file", ["file": folder])
        }
        guard let found = DurableFile.wholeLines(of: path) else { throw Faults("counter.slip-file", ["file": path]) }
        var known: [Line] = []
        for text in found {
            guard let line = try? JSONDecoder().decode(Line.self, from: text) else {
                throw Faults("counter.slip-file", ["file": path])
            }
            known.append(line)
        }
        let last = known.last { $0.version == policy.version }
        if last?.temporaryLossDays != policy.temporaryLossDays {
            // A version that is new here has judged whatever says so; one whose terms were altered under its name, what comes now.
            let line = Line(
                from: last == nil ? 1 : next, temporaryLossDays: policy.temporaryLossDays, version: policy.version)
            let encoder = JSONEncoder()
            encoder.outputFormatting = .sortedKeys
            guard let data = try? encoder.encode(line),
                DurableFile.append(String(decoding: data, as: UTF8.self), to: path)
            else { throw Faults("counter.slip-file", ["file": path]) }
            known.append(line)
        }
        lines = known
    }

    /// How many days a temporary loss lasted by the policy that judged this event; nil for one that was never in force here.
    func temporaryLossDays(version: String, at sequence: UInt64) -> Int? {
        lines.last { $0.version == version && $0.from <= sequence }?.temporaryLossDays
    }
}
