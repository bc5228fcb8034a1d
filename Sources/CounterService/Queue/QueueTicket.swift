/// What somebody who waits came for.
enum QueueErrand: String, CaseIterable, Codable, Sendable {
    case issue
    case loss
    case replacement
    case other

    /// The letter in front of its numbers.
    var letter: String {
        switch self {
        case .issue: "A"
        case .loss: "B"
        case .replacement: "C"
        case .other: "D"
        }
    }
}

/// 排队号: one number of a day.
///
/// It says what somebody came for, and nothing of who that is.
struct QueueTicket: Hashable, Sendable {
    /// Where a ticket stands.
    enum State: String, Hashable, Sendable {
        case waiting
        case called
        case serving
        case absent
        case done

        /// Whether a window has it in hand.
        var isOpen: Bool { self == .called || self == .serving }
    }

    /// Its number, from 1 in the order of the day.
    let number: Int
    /// What for.
    let errand: QueueErrand
    /// When it was taken, Unix milliseconds.
    let takenAt: UInt64
    /// Where it stands.
    var state: State
    /// The number of the operator who called it last; nil while nobody has.
    var window: UInt64?
    /// How often it was called: a display that counts along tells each call.
    var calls = 0
    /// Whether it goes before the others that wait.
    var hasPriority = false

    /// As people read it: `A012`.
    var label: String {
        errand.letter + String(repeating: "0", count: max(0, 3 - String(number).count)) + String(number)
    }
}
