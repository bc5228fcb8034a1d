/// The class of a card, which some cities set by the holder's age (file structure specification V2.0, tag 02).
public enum CardClass: UInt8, Hashable, Sendable, CaseIterable {
    /// 1: under six years.
    case preschool = 1
    /// 2: six to fifteen years.
    case student = 2
    /// 3: from sixteen; also where classes are not used.
    case adult = 3
    /// 4: from seventy.
    case elderly = 4

    /// Reads 1…4; throws `card-class.unknown`.
    public init(_ code: String) throws(Faults) {
        guard code.utf8.count == 1, let number = UInt8(code), let found = CardClass(rawValue: number) else {
            throw Faults("card-class.unknown", ["code": String(code.prefix(8))])
        }
        self = found
    }

    /// The class of a person so many years old.
    public init(age: Int) {
        self = age < 6 ? .preschool : age < 16 ? .student : age < 70 ? .adult : .elderly
    }

    /// One digit.
    public var code: String { String(rawValue) }
}
