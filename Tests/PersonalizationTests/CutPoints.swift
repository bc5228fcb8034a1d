import Foundation
import Personalization

/// At which commands of a plan a card is torn: N + 1 points, the one behind the last command among them.
enum CutPoints {
    /// True for `Scripts/test --every-cut`.
    static let areAll = ProcessInfo.processInfo.environment["SSCARD_EVERY_CUT"] == "1"

    /// All of them; or, as long as nobody asks for every cut, those of the first and the last commands, where keys and rights change, those
    /// where stages meet, and each so manieth between.
    static func of(_ plan: CardPlan, each step: Int) -> [Int] {
        let count = plan.commandCount
        guard !areAll, step > 1 else { return Array(0...count) }
        var points = Set(stride(from: 0, through: count, by: step))
        points.formUnion(0..<min(12, count))
        points.formUnion(max(0, count - 16)...count)
        var first = 0
        for stage in plan.stages {
            points.formUnion([first, first + stage.steps.count - 1])
            first += stage.steps.count
        }
        return points.sorted()
    }
}
