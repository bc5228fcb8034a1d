public import CardData

/// A card for practice and tests in one of the states that a counter meets.
public struct TrainingCard: Hashable, Sendable {
    /// What state the card is in.
    public enum State: Hashable, Sendable {
        /// As the factory delivers it.
        case blank
        /// Personalized and locked.
        case issued
        /// Pulled after so many commands of its plan.
        case torn(after: Int)
        /// Issued, and its PIN tried until none was left.
        case pinBlocked
        /// Issued by another city, whose keys are not those of this place.
        case wrongIssuer
    }

    /// The state.
    public let state: State
    /// The layout; nil for the one of the place.
    public let layoutName: String?

    /// The names a card can be asked for by.
    public static let names = ["blank", "issued", "torn@K", "pin-blocked", "wrong-issuer", "v1"]

    /// The card of a name: one of ``names``, with the number of commands in the place of K.
    ///
    /// Throws `training-card.unknown`.
    /// - Parameter others: names of cards that the caller makes by other means, told beside ``names`` to whoever asks for none of them.
    public init(_ name: String, others: [String] = []) throws(Faults) {
        var layoutName: String?
        switch name {
        case "blank": state = .blank
        case "issued": state = .issued
        case "pin-blocked": state = .pinBlocked
        case "wrong-issuer": state = .wrongIssuer
        case "v1":
            state = .issued
            layoutName = "national-1.0"
        default:
            guard name.hasPrefix("torn@"), let count = Int(name.dropFirst(5)), count >= 0 else {
                throw Faults(
                    "training-card.unknown", ["name": name, "known": (Self.names + others).joined(separator: ", ")])
            }
            state = .torn(after: count)
        }
        self.layoutName = layoutName
    }

    /// `training-card.too-late`: a plan of so many commands cannot be torn after that one.
    public static func tooLate(_ count: Int, of commands: Int) -> Faults {
        Faults(
            "training-card.too-late",
            ["count": String(count), "commands": String(commands), "last": String(commands - 1)])
    }

    /// The invented person of every training card; area 99 belongs to nobody.
    public static let person = [
        "cardClass": "3", "initializingInstitution": "915600000299010199010101", "issueDate": "20260101",
        "expiryDate": "20991231", "cardNumber": "D00000005", "citizenNumber": "990165200802116857", "name": "张三",
        "sex": "1", "ethnicGroup": "01", "birthPlace": "990165", "birthDate": "20080211",
    ]

    /// The same person as a counter's people file has them: number, institution and dates are the counter's to give.
    public static let personWithoutNumber = person.filter {
        ["citizenNumber", "name", "sex", "ethnicGroup", "birthPlace", "birthDate"].contains($0.key)
    }

    /// The PIN of every training card, known to everybody.
    public static let pinDigits = "135790"
}
