/// The card that an operator shows at log-in beside the password: a social security card that this counter's registry knows.
///
/// It names the card and holds no key and no person.
public struct OperatorCard: Hashable, Sendable, Codable {
    /// The identification code, in hexadecimal.
    public let identificationCode: String
    /// The serial of the chip that the card was issued on, in hexadecimal.
    public let chip: String

    /// A card by its code and its chip.
    public init(identificationCode: String, chip: String) {
        self.identificationCode = identificationCode
        self.chip = chip
    }
}
