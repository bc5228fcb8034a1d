import Issuing
import Lifecycle

/// By which rows of the table the acts of a step are judged, so that its form asks for what they want.
extension IssueStep {
    /// The acts that a step records; the look-up of its person where it records none of its own.
    ///
    /// - Parameter resets: whether the PIN is reset, because nobody knows whether it was set.
    func transitions(resets: Bool) -> [Transition] {
        switch self {
        case .personalize: [.personalize, .reserveCardNumber, .lookUpPerson]
        case .setPIN: [resets ? .resetPIN : .changePIN]
        case .blockOld: [.endChip]
        case .handOver: [.handOver]
        case .enable: [.enable]
        case .checkBlank, .findPerson, .checkDuplicates, .photo, .confirm, .readBack, .slip: [.lookUpPerson]
        }
    }

    /// The rows of the acts that a form confirms, looking the person up among them; none for a step that records nothing.
    func rows(resets: Bool) -> [TransitionRow] {
        switch self {
        case .findPerson, .photo, .confirm, .personalize, .setPIN, .blockOld, .handOver, .enable:
            transitions(resets: resets).map(TransitionTable.row)
        case .checkBlank, .checkDuplicates, .readBack, .slip: []
        }
    }
}
