/// What stands in the element 社会保障号码: a citizen's number, or a number that the ministry's rule assigns to a foreigner or a
/// resident of Hong Kong, Macao or Taiwan.
public enum SocialSecurityNumber: Hashable, Sendable {
    /// A number of GB 11643.
    case citizen(CitizenNumber)
    /// An assigned number. The rule behind it is not public, so only its alphabet and length are known.
    case assigned(AssignedNumber)

    /// Reads either kind: 14 characters or more that begin with a digit are meant as a citizen's number, all else as an assigned one.
    ///
    /// Without that line a mistyped citizen number would pass as an assigned one.
    public init(_ text: String) throws(Faults) {
        if text.count >= 14, let first = text.utf8.first, (0x30...0x39).contains(first) {
            self = .citizen(try CitizenNumber(text))
        } else {
            self = .assigned(try AssignedNumber(text))
        }
    }

    /// The number as the card holds it, at most 18 bytes of ASCII.
    public var text: String {
        switch self {
        case .citizen(let number): number.text
        case .assigned(let number): number.text
        }
    }

    /// The citizen's number, when it is one.
    public var citizenNumber: CitizenNumber? {
        guard case .citizen(let number) = self else { return nil }
        return number
    }

    /// What may be shown and logged.
    public var masked: String {
        switch self {
        case .citizen(let number): number.masked
        case .assigned(let number): number.masked
        }
    }
}

extension SocialSecurityNumber: CustomStringConvertible {
    /// The masked form.
    public var description: String { masked }
}

/// A number assigned by the ministry's rule: 1…18 capital letters and digits.
public struct AssignedNumber: Hashable, Sendable {
    /// The number.
    public let text: String

    /// Reads 1…18 ASCII letters and digits; small letters become capitals.
    ///
    /// Throws `assigned-number.form`.
    public init(_ text: String) throws(Faults) {
        guard (1...18).contains(text.utf8.count), text.unicodeScalars.allSatisfy({ $0.isASCII }),
            text.allSatisfy({ $0.isLetter || $0.isNumber })
        else { throw Faults("assigned-number.form", ["count": String(text.count)]) }
        self.text = text.uppercased()
    }

    /// What may be shown and logged: the first three and the last two characters of a long number, fewer of a short one.
    public var masked: String {
        guard text.count > 8 else { return text.prefix(1) + "****" }
        return text.prefix(3) + String(repeating: "*", count: text.count - 5) + text.suffix(2)
    }
}

extension AssignedNumber: CustomStringConvertible {
    /// The masked form.
    public var description: String { masked }
}
