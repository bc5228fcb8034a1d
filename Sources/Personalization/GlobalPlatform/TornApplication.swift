import CardApplication
import ISO7816

/// Goes on with an application that an issued card was getting from its security domain when it was pulled.
///
/// STORE DATA does not take a grouping twice, so an application that has not all of its content is deleted and installed anew; it was made a
/// moment ago and nothing but the plan's content was ever in it. What is there is held against the plan first: an application that was there
/// before our INSTALL, or has another content, is somebody else's and is left alone.
struct TornApplication {
    private let plan: CardPlan
    private let conversation: CardConversation

    init(_ plan: CardPlan, _ conversation: CardConversation) {
        self.plan = plan
        self.conversation = conversation
    }

    /// Where the plan goes on in a stage, or before it.
    ///
    /// - Throws: `notAsLeft` for an application that is not ours.
    func entry(stage: Int, after position: Journal.Position) throws -> PlanRunner.Entry {
        switch plan.stages[stage].kind {
        case .creation:
            // An application that stands there before our command was sent is somebody else's.
            let installation = plan.stages[stage].steps.firstIndex { $0.purpose.kind == .installApplication }
            let wasSent = position.stage == stage && position.finishedSteps >= installation ?? 0
            guard plan.stages.indices.contains(stage + 1) else { throw PersonalizationError.planHasChanged }
            return try entry(creation: stage, content: stage + 1, mayStand: wasSent)
        case .directory(let name):
            // Records of an application that the card had before are written again: each is put in its own place.
            guard let creation = plan.stages.firstIndex(where: { $0.kind == .creation(name) }) else {
                return PlanRunner.Entry(stage: stage)
            }
            return try entry(creation: creation, content: stage, mayStand: true)
        default: throw PersonalizationError.planHasChanged
        }
    }

    private func entry(creation: Int, content stage: Int, mayStand: Bool) throws -> PlanRunner.Entry {
        let content = try content(inStage: stage)
        guard mayStand || content == .absent else { throw PersonalizationError.notAsLeft(found: nil) }
        switch content {
        case .whole: return PlanRunner.Entry(stage: stage, step: beginningOfReadBack(stage))
        case .part: try delete(inStage: creation)
        case .absent: break
        }
        return PlanRunner.Entry(stage: creation)
    }

    /// Deletes what there is before the plan goes back: the journal then never says that less was sent than stands on the card.
    private func delete(inStage creation: Int) throws {
        let steps = plan.stages[creation].steps
        guard let deletion = steps.firstIndex(where: { $0.purpose.kind == .deleteApplication }) else {
            throw PersonalizationError.planHasChanged
        }
        for step in steps[...deletion] {
            let answer = try conversation.send(step.operation, wantsAnswer: false).statusWord
            guard answer.isSuccess else { throw conversation.refusal(of: step.operation, answer) }
        }
    }

    /// What of a stage's content its application has.
    private enum Content {
        case whole
        case part
        case absent
    }

    /// Asks for every record that the stage reads back; nothing is presented.
    private func content(inStage stage: Int) throws -> Content {
        let steps = plan.stages[stage].steps
        guard let selection = steps.first else { throw PersonalizationError.planHasChanged }
        let answer = try conversation.send(selection.operation, wantsAnswer: false).statusWord
        if answer == .fileNotFound { return .absent }
        guard answer.isSuccess else { throw conversation.refusal(of: selection.operation, answer) }
        var isWhole = true
        for step in steps[beginningOfReadBack(stage)...].dropFirst() {
            guard case .data(let expected) = step.expectation else { continue }
            let response = try conversation.send(step.operation)
            switch response.statusWord {
            case .success where response.data == expected: break
            // Before it is personalised an application gives nothing.
            case .conditionsNotSatisfied, .fileNotFound, .recordNotFound: isWhole = false
            default: throw PersonalizationError.notAsLeft(found: nil)
            }
        }
        return isWhole ? .whole : .part
    }

    /// The second selection, which ends the channel.
    private func beginningOfReadBack(_ stage: Int) -> Int {
        plan.stages[stage].steps.lastIndex { $0.purpose.kind == .selectDirectory } ?? 0
    }
}
