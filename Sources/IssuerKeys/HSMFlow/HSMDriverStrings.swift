import ByteText
public import CardData

/// What `iReadCardBas_HSM_Step1` gives out: the card, and the random values for both authentications (card.md §4.2).
///
/// `area|reset information|algorithm|identification code|internal factor|internal original|external factor|external original|`,
/// in some terminals with `terminal number|` behind it. The external items are all empty where the card needs no external
/// authentication, or all there.
public struct HSMBasicReading: Hashable, Sendable {
    /// The six-digit area code.
    public let area: String
    /// The 13 historical bytes of the answer to reset.
    public let resetInformation: [UInt8]
    /// The card's algorithm.
    public let algorithm: CardAlgorithm
    /// The identification code (卡识别码), 16 bytes.
    public let identificationCode: [UInt8]
    /// The values of the internal authentication, 8 bytes each.
    public let internalChallenges: ChallengePair
    /// The values of the external authentication; nil where the card needs none.
    public let externalChallenges: ChallengePair?
    /// The terminal's number; nil where the terminal does not tell it.
    public let terminalNumber: String?

    /// Reads the string; throws all faults at once.
    public init(_ text: String) throws(Faults) {
        let utf8 = Array(text.utf8)
        let reader = HSMFieldReader(utf8.span, form: "iReadCardBas_HSM_Step1")
        reader.expect([8, 9])
        area = reader.area()
        resetInformation = reader.hexadecimal("reset information", 13)
        algorithm = reader.algorithm()
        identificationCode = reader.hexadecimal("identification code", 16)
        internalChallenges = reader.pair("internal")
        externalChallenges = reader.optionalPair("external")
        terminalNumber = reader.count > 8 ? reader.text("terminal number", of: 1...32) : nil
        try reader.check()
    }

    /// The string, hexadecimal digits in capitals.
    public var text: String {
        ([area, resetInformation.hexadecimal, algorithm.code, identificationCode.hexadecimal]
            + internalChallenges.fields + (externalChallenges?.fields ?? ["", ""])
            + (terminalNumber.map { [$0] } ?? []))
            .hsmText
    }
}

/// The module's answer to one authentication: E(SK, original) ‖ original, 16 bytes.
public struct HSMAuthentication: Hashable, Sendable {
    /// The cryptogram, 8 bytes.
    public let cryptogram: [UInt8]
    /// The original information, 8 bytes.
    public let original: [UInt8]

    /// An answer from X ‖ Y as ``CardKeyService`` gives it; nil for other than 16 bytes.
    public init?(_ bytes: [UInt8]) {
        guard bytes.count == 16 else { return nil }
        cryptogram = Array(bytes.prefix(8))
        original = Array(bytes.suffix(8))
    }

    /// X ‖ Y.
    public var bytes: [UInt8] { cryptogram + original }
}

/// `pKey` of `iReadCardBas_HSM_Step2`: `internal 32 hex|external 32 hex|`.
///
/// The external item is empty where there was no external authentication. For cards that are not SM4 some callers append one more
/// `|`, which is taken and given back.
public struct HSMBasicAnswer: Hashable, Sendable {
    /// The answer to the internal authentication.
    public let internalAuthentication: HSMAuthentication
    /// The answer to the external authentication; nil where there was none.
    public let externalAuthentication: HSMAuthentication?
    /// Whether one more `|` stands at the end.
    public let hasFurtherBar: Bool

    /// An answer from its parts.
    public init(
        internalAuthentication: HSMAuthentication, externalAuthentication: HSMAuthentication?,
        hasFurtherBar: Bool = false
    ) {
        self.internalAuthentication = internalAuthentication
        self.externalAuthentication = externalAuthentication
        self.hasFurtherBar = hasFurtherBar
    }

    /// Reads the string; throws all faults at once.
    public init(_ text: String) throws(Faults) {
        let utf8 = Array(text.utf8)
        let reader = HSMFieldReader(utf8.span, form: "iReadCardBas_HSM_Step2")
        reader.expect([2, 3])
        let first = reader.authentication("internal")
        var second: HSMAuthentication?
        if reader.isNextEmpty { reader.skip() } else { second = reader.authentication("external") }
        if reader.count == 3, !reader.isNextEmpty { reader.note("|", "nothing may stand behind the second |") }
        try reader.check()
        guard let first else { throw Faults("hsm-flow.incomplete", ["form": "iReadCardBas_HSM_Step2"]) }
        internalAuthentication = first
        externalAuthentication = second
        hasFurtherBar = reader.count == 3
    }

    /// The string, hexadecimal digits in capitals.
    public var text: String {
        ([internalAuthentication.bytes.hexadecimal, externalAuthentication?.bytes.hexadecimal ?? ""]
            + (hasFurtherBar ? [""] : []))
            .hsmText
    }
}

/// What `iReadCard_HSM_Step1` and its like for writing and the PIN give out: `algorithm|key address|factor|original|`.
public struct HSMKeyRequest: Hashable, Sendable {
    /// The card's algorithm.
    public let algorithm: CardAlgorithm
    /// Which key.
    public let keyAddress: HSMKeyAddress
    /// The values of the external authentication, 8 bytes each.
    public let challenges: ChallengePair

    /// A request from its parts.
    public init(algorithm: CardAlgorithm, keyAddress: HSMKeyAddress, challenges: ChallengePair) {
        self.algorithm = algorithm
        self.keyAddress = keyAddress
        self.challenges = challenges
    }

    /// Reads the string; throws all faults at once.
    public init(_ text: String) throws(Faults) {
        let utf8 = Array(text.utf8)
        let reader = HSMFieldReader(utf8.span, form: "iReadCard_HSM_Step1")
        reader.expect([4])
        algorithm = reader.algorithm()
        let address = reader.keyAddress()
        challenges = reader.pair("")
        try reader.check()
        guard let address else { throw Faults("hsm-flow.incomplete", ["form": "iReadCard_HSM_Step1"]) }
        keyAddress = address
    }

    /// The string, hexadecimal digits in capitals.
    public var text: String { ([algorithm.code, "\(keyAddress)"] + challenges.fields).hsmText }
}

/// `pKey` of `iReadCard_HSM_Step2` and its like, and the gateway's answer to business 02: `authentication 32 hex|`.
public struct HSMKeyAnswer: Hashable, Sendable {
    /// The answer.
    public let authentication: HSMAuthentication

    /// An answer.
    public init(_ authentication: HSMAuthentication) { self.authentication = authentication }

    /// Reads the string; throws all faults at once.
    public init(_ text: String) throws(Faults) {
        let utf8 = Array(text.utf8)
        let reader = HSMFieldReader(utf8.span, form: "iReadCard_HSM_Step2")
        reader.expect([1])
        let answer = reader.authentication("authentication")
        try reader.check()
        guard let answer else { throw Faults("hsm-flow.incomplete", ["form": "iReadCard_HSM_Step2"]) }
        authentication = answer
    }

    /// The string, hexadecimal digits in capitals.
    public var text: String { [authentication.bytes.hexadecimal].hsmText }
}

extension HSMFieldReader {
    /// A factor and an original.
    func pair(_ prefix: String) -> ChallengePair {
        let words = prefix.isEmpty ? "" : prefix + " "
        return ChallengePair(factor: challenge(words + "factor"), original: challenge(words + "original"))
    }

    /// A factor and an original, or two empty fields.
    func optionalPair(_ prefix: String) -> ChallengePair? {
        guard isNextEmpty else { return pair(prefix) }
        skip()
        guard isNextEmpty else {
            note("\(prefix) factor", "\(prefix) factor and original are both there or both empty")
            skip()
            return nil
        }
        skip()
        return nil
    }

    /// Sixteen bytes of an answer.
    func authentication(_ field: String) -> HSMAuthentication? { HSMAuthentication(hexadecimal(field, 16)) }
}

extension ChallengePair {
    /// Both as hexadecimal digits.
    var fields: [String] { [factor.hexadecimal, original.hexadecimal] }
}

extension CardAlgorithm {
    /// The identifier as two digits.
    var code: String { rawValue.hexadecimal }
}
