/// What whoever registers a person has seen on record of them.
public enum ExpectedRecord: Hashable, Sendable {
    /// Nobody says: whatever is on record gives way.
    case anything
    /// Nobody of this number.
    case nobody
    /// This.
    case person(Person)

    /// Whether what is on record now is what was seen.
    func agrees(with known: Person?) -> Bool {
        switch self {
        case .anything: true
        case .nobody: known == nil
        case .person(let seen): known == seen
        }
    }
}
