/// A person's data as events carry it: sealed, so that neither the log nor its copies tell it.
///
/// A sealed field is a key version byte, then what the cipher made; it is copied, never sealed again.
public struct SealedPerson: Hashable, Sendable {
    /// The keyed hash the person is found by.
    public let person: PersonReference
    /// The social security number, sealed.
    public let sealedNumber: [UInt8]
    /// The name in UTF-8, sealed.
    public let sealedName: [UInt8]
    /// Sex, ethnic group, birth date and the rest, sealed as one; empty when nothing more is known.
    public let sealedDetails: [UInt8]

    /// A person's sealed data.
    public init(person: PersonReference, sealedNumber: [UInt8], sealedName: [UInt8], sealedDetails: [UInt8] = []) {
        self.person = person
        self.sealedNumber = sealedNumber
        self.sealedName = sealedName
        self.sealedDetails = sealedDetails
    }
}
