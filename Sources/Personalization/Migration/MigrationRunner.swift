public import CardApplication
import CardLayout
import ISO7816

/// Sends the plan of a migration to a card, exactly as it stands.
///
/// There is no journal: each step brings about a state that the next look at the card sees, so that after a tear the card is read and planned
/// again and only what is missing is done. Only a directory torn while it was made is not taken up; the next plan says so.
public struct MigrationRunner {
    private let plan: CardPlan
    private let conversation: CardConversation

    /// A runner for one plan and one card.
    public init(_ plan: CardPlan, _ conversation: CardConversation) {
        self.plan = plan
        self.conversation = conversation
    }

    /// Runs the plan to its end, or to the first step that has another outcome than it must.
    ///
    /// - Parameter progress: told after each command how many are done, and what the last one did.
    public func run(progress: (Int, Purpose) -> Void = { _, _ in }) throws(PersonalizationError) {
        for (index, step) in plan.steps.enumerated() {
            do throws(CardError) {
                try run(step)
            } catch {
                throw error.isInterruption ? .interrupted(step, error) : .failed(step, error)
            }
            progress(index + 1, step.purpose)
        }
    }

    private func run(_ step: PlanStep) throws(CardError) {
        switch step.expectation {
        case .success: try conversation.perform(step.operation, wantsAnswer: false)
        case .successOr(let other):
            let response = try conversation.send(step.operation, wantsAnswer: false)
            guard response.statusWord.isSuccess || response.statusWord == other else {
                throw conversation.refusal(of: step.operation, response.statusWord)
            }
        case .challenge(let count):
            let challenge = try conversation.perform(step.operation)
            guard challenge.count == count else {
                throw .unexpectedLength(place: step.purpose.subject, challenge.count)
            }
        case .data(let expected):
            guard try conversation.perform(step.operation) == expected else {
                throw .differs(place: step.purpose.subject)
            }
        case .refusal(let expected):
            guard try conversation.send(step.operation).statusWord == expected else {
                throw .differs(place: step.purpose.subject)
            }
        }
    }
}
