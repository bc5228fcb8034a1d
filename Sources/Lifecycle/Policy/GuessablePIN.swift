public import CardCryptography
public import CardData

/// What whoever finds a card could guess its PIN from; a city's policy says which of them are refused beside trivial PINs.
public enum GuessablePIN: String, Hashable, Sendable, CaseIterable {
    /// The holder's birthday, in any of the orders that people write one in.
    case birthDate = "birth-date"
    /// Digits in a row of the holder's number, which stands on the card.
    case citizenNumber = "citizen-number"
    /// Two or three digits again and again: 121212, 123123.
    case repetition

    /// Six digits in a row are what most PINs have.
    private static let run = 6

    /// Whether a PIN can be guessed from what is known of its holder: six digits of it in a row, or all of a shorter one, stand there.
    ///
    /// - Parameters:
    ///   - number: the social security number.
    ///   - birthDate: eight digits, the year first.
    public func gives(_ pin: PersonalIdentificationNumber, number: String, birthDate: String) -> Bool {
        switch self {
        case .birthDate: Self.writings(of: birthDate).contains { pin.shares(Self.run, inARowWith: $0) }
        case .citizenNumber: pin.shares(Self.run, inARowWith: number)
        case .repetition: pin.isRepetition
        }
    }

    /// What the holder is told; nothing of the PIN is in it.
    public var fault: Fault {
        switch self {
        case .birthDate: Fault("pin.birth-date")
        case .citizenNumber: Fault("pin.in-number")
        case .repetition: Fault("pin.repetition")
        }
    }

    /// `20020314`, `020314`, `03142002`, `031402` and so on.
    private static func writings(of date: String) -> [String] {
        guard date.utf8.count == 8 else { return [] }
        let (month, day) = (date.dropFirst(4).prefix(2), date.suffix(2))
        return [date.prefix(4), date.dropFirst(2).prefix(2)].flatMap { year in
            ["\(year)\(month)\(day)", "\(year)\(day)\(month)", "\(month)\(day)\(year)", "\(day)\(month)\(year)"]
        }
    }
}

extension LifecyclePolicy {
    /// Why the policy refuses a PIN that its holder has chosen; nil where it does not.
    ///
    /// - Parameters:
    ///   - number: the holder's social security number.
    ///   - birthDate: the holder's, eight digits, the year first.
    public func refusal(
        of pin: PersonalIdentificationNumber, number: String, birthDate: String
    ) -> GuessablePIN? {
        GuessablePIN.allCases.first {
            refusedPINs.contains($0) && $0.gives(pin, number: number, birthDate: birthDate)
        }
    }
}
