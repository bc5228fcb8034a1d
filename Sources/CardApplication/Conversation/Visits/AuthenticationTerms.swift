import ByteText
public import CardCryptography
public import CardLayout
public import IssuerKeys

/// With what a card was authenticated: everything on which two sides can disagree.
///
/// Holds no secret.
public struct AuthenticationTerms: Hashable, Sendable {
    /// The key that was used.
    public let key: KeyName
    /// The check value of the key as it was derived for the card; nil where the service gives none.
    public let checkValue: KeyCheckValue?
    /// The issuing city whose keys were used.
    public let area: String
    /// The cipher.
    public let algorithm: CardAlgorithm
    /// The card factor of the derivation.
    public let cardFactor: [UInt8]
    /// The form of the cryptogram.
    public let form: CardOperation.AuthenticationForm
    /// Which of the two challenges was the factor.
    public let challengeOrder: COSProfile.ChallengeOrder
    /// Bytes of the session key.
    public let sessionKeyWidth: Int
    /// How eight bytes filled the blocks of SM4; nil for other ciphers, and in records of before it was written down.
    public let blocks: SM4Blocks?
    /// Which keys the place works with.
    public let keySet: KeySetMark

    /// What the place's key set is, as far as two of them can be told apart.
    public struct KeySetMark: Hashable, Sendable {
        /// True for the published development set.
        public let isDevelopment: Bool
        /// The version of the keys, where the set names one.
        public let version: String?

        /// A mark from its parts; a version has neither spaces nor commas.
        public init(isDevelopment: Bool, version: String? = nil) {
            self.isDevelopment = isDevelopment
            self.version = version.flatMap { $0.isEmpty || $0.contains { " ,\n".contains($0) } ? nil : $0 }
        }
    }

    /// Terms from their parts.
    public init(
        key: KeyName, checkValue: KeyCheckValue?, area: String, algorithm: CardAlgorithm, cardFactor: [UInt8],
        form: CardOperation.AuthenticationForm, challengeOrder: COSProfile.ChallengeOrder, sessionKeyWidth: Int,
        blocks: SM4Blocks? = nil, keySet: KeySetMark
    ) {
        self.key = key
        self.checkValue = checkValue
        self.area = area
        self.algorithm = algorithm
        self.cardFactor = cardFactor
        self.form = form
        self.challengeOrder = challengeOrder
        self.sessionKeyWidth = sessionKeyWidth
        self.blocks = blocks
        self.keySet = keySet
    }
}

extension AuthenticationTerms {
    /// One line, fields parted by commas.
    var text: String {
        [
            key.rawValue, checkValue?.description ?? "", area, algorithm.description, cardFactor.hexadecimal,
            form.rawValue, challengeOrder.rawValue, String(sessionKeyWidth),
            keySet.isDevelopment ? "development" : "production", keySet.version ?? "",
        ].joined(separator: ",") + (blocks.map { ",\($0)" } ?? "")
    }

    /// Reads what ``text`` wrote; nil for anything else.
    init?(_ text: String) {
        let fields = text.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
        guard (10...11).contains(fields.count), let algorithm = CardAlgorithm(fields[3]),
            let factor = [UInt8](hexadecimal: fields[4]),
            let form = CardOperation.AuthenticationForm(rawValue: fields[5]),
            let order = COSProfile.ChallengeOrder(rawValue: fields[6]), let width = Int(fields[7])
        else { return nil }
        self.init(
            key: KeyName(rawValue: fields[0]), checkValue: KeyCheckValue(fields[1]), area: fields[2],
            algorithm: algorithm, cardFactor: factor, form: form, challengeOrder: order, sessionKeyWidth: width,
            blocks: fields.count == 11 ? SM4Blocks(fields[10]) : nil,
            keySet: KeySetMark(isDevelopment: fields[8] == "development", version: fields[9]))
    }
}
