import ArgumentParser
import CardData
import IssuerKeys

extension KeysCommand {
    /// `sscard keys vectors`: runs files of test vectors through the code that makes cards.
    struct Vectors: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "测试向量 Run files of test vectors through this program's own cryptography; 1 when any case fails.",
            discussion: "例 Example: sscard keys vectors Fixtures/vectors/*.json")
        @Argument(help: "向量文件 Files of test vectors, JSON.") var files: [String]
        @Flag(help: "输出 JSON.") var json = false

        private struct Report: Encodable {
            struct Failure: Encodable {
                let file: String
                let operation: String
                let name: String
                let reason: String
            }

            var passed = 0
            var failed = 0
            var failures: [Failure] = []
        }

        func run() throws {
            var faults = FaultCollector()
            let read = files.compactMap { path in
                faults.attempt { () throws(Faults) in
                    (path, try VectorFile(InputFile.read(path), file: path))
                }
            }
            try faults.check()
            var report = Report()
            for (path, file) in read {
                for vector in file.cases {
                    do throws(VectorFailure) {
                        try vector.check()
                        report.passed += 1
                    } catch {
                        report.failed += 1
                        report.failures.append(
                            Report.Failure(
                                file: path, operation: vector.operation, name: vector.name, reason: "\(error)"))
                    }
                }
            }
            if json {
                try Terminal.say(json: report)
            } else {
                for failure in report.failures {
                    Terminal.say("✘ \(failure.file): \(failure.operation): \(failure.name): \(failure.reason)")
                }
                Terminal.say("\(report.passed) passed, \(report.failed) failed")
            }
            if report.failed > 0 { throw ExitVerdict(code: 1) }
        }
    }
}
