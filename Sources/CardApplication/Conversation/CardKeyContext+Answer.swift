public import CardLayout
public import ISO7816
public import IssuerKeys

extension CardKeyContext {
    /// The context of the card that gave this answer to reset; nil when its historical bytes are too short for the profile's rule.
    public init?(_ answer: AnswerToReset, profile: COSProfile, area: String) {
        guard let factor = profile.cardFactor.factor(of: answer),
            let algorithm = CardAlgorithm(rawValue: profile.algorithm.rawValue)
        else { return nil }
        let historical = answer.historicalBytes
        self.init(
            algorithm: algorithm, area: area, cardFactor: factor,
            resetInformation: historical.count == 13 ? Array(historical) : nil)
    }
}
