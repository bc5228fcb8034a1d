public import CardData
import Lifecycle

/// Why the card in a reader is not the one that an act is about.
public enum ChipError: FaultReporting, Hashable, Sendable {
    /// It shows another identification code.
    case anotherCard(expected: CardNumber?, found: String)
    /// It shows the right code on another chip than the one that was issued.
    case anotherChip
    /// It does not prove itself by the issuer's keys.
    case notGenuine
    /// It shows no identification code.
    case notIssued(CardStanding.Kind)

    /// The error in the catalogue's terms.
    public var faults: [Fault] {
        switch self {
        case .anotherCard(let expected, let found):
            [Fault("chip.another-card", ["expected": expected?.printed ?? "–", "found": found])]
        case .anotherChip: [Fault("chip.another-chip")]
        case .notGenuine: [Fault("chip.not-genuine")]
        case .notIssued(let kind): [Fault("chip.not-issued", ["kind": kind.rawValue])]
        }
    }
}
