import Lifecycle

/// Whether an act wants its card in the reader.
enum ChipDemand: String {
    /// It does not matter.
    case none
    /// The rules want the card read.
    case always
    /// The rules want the card read, or another proof in its place.
    case orProof = "or-proof"
    /// A card that leaves over the desk is read wherever there is a reader, so that nobody gets another's.
    case atReader = "at-reader"

    /// The demand of an act's screen.
    init(of form: CardActForm, _ rows: [TransitionRow]) {
        let needs = rows.flatMap(\.needs)
        if needs.contains(.cardRead) {
            self = .always
        } else if needs.contains(where: { $0.contains(.cardRead) }) {
            self = .orProof
        } else {
            self = form == .handOver || form == .giveBack ? .atReader : .none
        }
    }

    /// Whether the chip has to be read now.
    ///
    /// - Parameters:
    ///   - rows: the rows of the act.
    ///   - proofs: what was ticked.
    ///   - hasReader: whether the window has a reader for holders' cards.
    func isOpen(_ rows: [TransitionRow], proofs: Proofs, hasReader: Bool) -> Bool {
        switch self {
        case .none: false
        case .always: true
        case .orProof: rows.flatMap(\.needs).contains { $0.contains(.cardRead) && $0.isDisjoint(with: proofs) }
        case .atReader: hasReader
        }
    }
}
