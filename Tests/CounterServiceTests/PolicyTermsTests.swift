import CardData
import Foundation
import Lifecycle
import Testing

@testable import CounterService

/// A copy of a slip says what its original said, whatever the policy says by then.
@Suite struct PolicyTermsTests {
    private let folder = FileManager.default.temporaryDirectory.appending(path: "terms-\(UUID().uuidString)").path

    private func terms(_ version: String, days: Int, next: UInt64) throws -> PolicyTerms {
        let policy = try LifecyclePolicy.parse(
            site: "version: \(version)\ntemporary-loss-days: \(days)\n", file: "policy.yaml")
        return try PolicyTerms(dataFolder: folder, policy: policy, next: next)
    }

    @Test func eachEventKeepsTheTermsOfThePolicyThatJudgedIt() throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        _ = try terms("one", days: 7, next: 5)
        _ = try terms("two", days: 10, next: 20)
        // altered under the same name
        _ = try terms("one", days: 15, next: 40)
        let now = try terms("two", days: 10, next: 60)
        #expect(now.temporaryLossDays(version: "one", at: 3) == 7, "what was there before the first start with it")
        #expect(now.temporaryLossDays(version: "one", at: 39) == 7)
        #expect(now.temporaryLossDays(version: "one", at: 40) == 15)
        #expect(now.temporaryLossDays(version: "two", at: 25) == 10)
        #expect(now.temporaryLossDays(version: "three", at: 25) == nil, "nobody knows")
        let lines = try String(contentsOfFile: folder + "/operators/terms", encoding: .utf8)
        #expect(lines.split(separator: "\n").count == 3, "a start that changes nothing adds nothing")
    }
}
