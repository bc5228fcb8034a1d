import Issuing
import Lifecycle

/// By which rows of the table the acts of a step are judged, so that its form asks for what they want.
extension IssueStep {
    /// The acts that a step records; the look-up of its person where it records none of its own.
    ///
    /// - Parameter resets: whether the PIN is reset, because nobody knows whether it was set.
    func transitions(resets: Bool) -> [Transition] {
        switch self {
        case .personalize: [.personalize, .reserveCardNumber]
        case .setPIN: [resets ? .resetPIN : .changePIN]
        case .blockOld: [.endChip]
        case .handOver: [.handOver]
        case .enable: [.enable]
        case .checkBlank, .findPerson, .checkDuplicates, .photo, .confirm, .readBack, .slip: [.lookUpPerson]
        }
    }

    /// The rows of the acts that a form confirms; none for a step that records none of its own.
    func rows(resets: Bool) -> [TransitionRow] {
        switch self {
        case .personalize, .setPIN, .blockOld, .handOver, .enable: transitions(resets: resets).map(TransitionTable.row)
        case .checkBlank, .findPerson, .checkDuplicates, .photo, .confirm, .readBack, .slip: []
        }
    }
}
