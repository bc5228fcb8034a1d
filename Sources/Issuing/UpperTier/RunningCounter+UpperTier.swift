public import CardData
import Foundation
public import Lifecycle

extension RunningCounter {
    /// The path of ``perform(_:handledBy:in:)``.
    public static let tierPath = "/registry/upper-tier"
    /// The path of ``leases(in:)``.
    public static let leasesPath = "/registry/leases"

    /// An order of the upper tier with who handles it.
    public struct TierErrand: Codable, Sendable {
        /// The order.
        public let order: TierOrder
        private let officers: SentHandling

        init(_ order: TierOrder, handledBy handling: Handling) {
            self.order = order
            officers = SentHandling(handling)
        }

        /// Who handles it; nil for roles that nobody has.
        public var handling: Handling? { officers.handling }
    }

    /// Lets the service over a data folder carry out an order of the upper tier, as ``TierDesk``, while it goes on serving.
    ///
    /// - Throws: what the service says stands against it, or `tier.service-ended` when it broke off: whether it was done the log tells.
    public static func perform(
        _ order: TierOrder, handledBy handling: Handling, in dataFolder: String
    ) throws(Faults) -> TierAnswer {
        guard let errand = try? JSONEncoder().encode(TierErrand(order, handledBy: handling)) else {
            throw Faults("tier.service-ended")
        }
        return try told(ask("POST", tierPath, String(decoding: errand, as: UTF8.self), in: dataFolder, untilItEnds))
    }

    /// The leases that are open, as the service over a data folder knows them.
    ///
    /// - Throws: `tier.service-ended`, and what the service says stands against it.
    public static func leases(in dataFolder: String) throws(Faults) -> [LeaseReport] {
        try told(ask("GET", leasesPath, "", in: dataFolder, untilItEnds))
    }

    private static func told<Answer: Decodable>(_ answer: (isDone: Bool, text: String)?) throws(Faults) -> Answer {
        guard let answer else { throw Faults("tier.service-ended") }
        let data = Data(answer.text.utf8)
        if answer.isDone, let found = try? JSONDecoder().decode(Answer.self, from: data) { return found }
        guard let refusal = try? JSONDecoder().decode(Refusal.self, from: data) else {
            throw Faults("tier.service-ended")
        }
        throw refusal.error
    }
}
