import CardApplication
import CardLayout

/// What two plans do otherwise: steps that only one has, and steps whose commands differ.
///
/// Steps belong together when they do the same to the same thing, counted from the front where they do it several times.
public struct PlanComparison: Hashable, Sendable {
    /// One difference.
    public enum Difference: Hashable, Sendable {
        /// Only the first plan has this step, which is its number from 1.
        case removed(PlanStep, number: Int)
        /// Only the second plan has this step.
        case added(PlanStep, number: Int)
        /// Both have it with another command, key or expected answer.
        case changed(PlanStep, PlanStep, number: Int)
    }

    /// The differences in the order of the second plan, each removed step where it would have stood.
    public let differences: [Difference]
    /// How many steps are the same in both.
    public let sameCount: Int
    /// How many steps both have, in another order.
    public let movedCount: Int

    /// Compares two plans; which line of a layout asks for a step makes no difference.
    public init(_ first: CardPlan, _ second: CardPlan) {
        let firstKeys = Self.keys(first)
        let secondKeys = Self.keys(second)
        let firstIndex = Dictionary(uniqueKeysWithValues: firstKeys.enumerated().map { ($1, $0) })
        let known = Set(secondKeys)
        let firstSteps = first.steps
        let secondSteps = second.steps
        var differences: [Difference] = []
        var same = 0
        var told = 0
        var shared: [Int] = []
        func tellRemoved(upTo end: Int) {
            while told < end {
                if !known.contains(firstKeys[told]) {
                    differences.append(.removed(firstSteps[told], number: told + 1))
                }
                told += 1
            }
        }
        for (index, key) in secondKeys.enumerated() {
            guard let earlier = firstIndex[key] else {
                differences.append(.added(secondSteps[index], number: index + 1))
                continue
            }
            tellRemoved(upTo: earlier)
            shared.append(earlier)
            let (old, new) = (firstSteps[earlier], secondSteps[index])
            if old.isSame(as: new, profiles: first.profile, second.profile) {
                same += 1
            } else {
                differences.append(.changed(old, new, number: index + 1))
            }
        }
        tellRemoved(upTo: firstKeys.count)
        self.differences = differences
        sameCount = same
        movedCount = zip(shared, shared.dropFirst()).count { $0 > $1 }
    }

    /// What is done to what, and the how manieth time.
    private struct Key: Hashable {
        let purpose: Purpose
        let occurrence: Int
    }

    private static func keys(_ plan: CardPlan) -> [Key] {
        var counts: [Purpose: Int] = [:]
        return plan.steps.map { step in
            counts[step.purpose, default: 0] += 1
            return Key(purpose: step.purpose, occurrence: counts[step.purpose] ?? 1)
        }
    }
}

extension PlanStep {
    fileprivate func isSame(as other: PlanStep, profiles first: COSProfile, _ second: COSProfile) -> Bool {
        operation.printed(profile: first) == other.operation.printed(profile: second)
            && operation.slotDescription(profile: first) == other.operation.slotDescription(profile: second)
            && expectation == other.expectation
    }
}
