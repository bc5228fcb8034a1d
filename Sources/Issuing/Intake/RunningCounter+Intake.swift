public import CardData
import Foundation
public import Lifecycle

extension RunningCounter {
    /// The path of ``takeIn(_:from:handledBy:in:)``.
    public static let intakePath = "/registry/intake"

    /// An intake's order with who handles it: the first line of what is sent, as JSON; the file's bytes follow.
    public struct IntakeErrand: Codable, Sendable {
        /// The order.
        public let order: IntakeOrder
        private let officers: SentHandling

        init(_ order: IntakeOrder, handledBy handling: Handling) {
            self.order = order
            officers = SentHandling(handling)
        }

        /// Who handles it; nil for roles that nobody has.
        public var handling: Handling? { officers.handling }
    }

    /// How an intake went.
    public struct IntakeAnswer: Codable, Sendable {
        /// What was found and done; nil where faults stand against it.
        public let report: IntakeReport?
        private let told: [ToldFault]

        /// An answer from its parts.
        public init(_ report: IntakeReport?, _ faults: [Fault]) {
            self.report = report
            told = faults.map(ToldFault.init)
        }

        /// What stands against it.
        public var faults: [Fault] { told.map(\.fault) }
    }

    /// Lets the service over a data folder take a file in while it goes on serving.
    ///
    /// - Throws: `file.unreadable`, or `import.service-ended` when the service broke off.
    public static func takeIn(
        _ order: IntakeOrder, from path: String, handledBy handling: Handling, in dataFolder: String
    ) throws(Faults) -> IntakeAnswer {
        guard let file = FileHandle(forReadingAtPath: path), let length = try? file.seekToEnd() else {
            throw Faults("file.unreadable", ["file": path, "reason": FileReason.ofReading(path)])
        }
        defer { try? file.close() }
        guard length <= UInt64(MappedFile.sizeLimit) else {
            throw Faults("file.too-large", ["file": path, "most": String(MappedFile.sizeLimit >> 20)])
        }
        guard let errand = try? JSONEncoder().encode(IntakeErrand(order, handledBy: handling)),
            let answer = ask(
                "POST", intakePath, String(decoding: errand, as: UTF8.self) + "\n", file: file, in: dataFolder,
                untilItEnds)
        else { throw Faults("import.service-ended", ["file": path]) }
        let data = Data(answer.text.utf8)
        if answer.isDone, let found = try? JSONDecoder().decode(IntakeAnswer.self, from: data) { return found }
        guard let refusal = try? JSONDecoder().decode(Refusal.self, from: data) else {
            throw Faults("import.service-ended", ["file": path])
        }
        throw refusal.error
    }
}
