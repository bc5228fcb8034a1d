import ByteText
public import CardCryptography
public import CardData

/// Which card a message to the gateway is about.
public struct HSMCard: Hashable, Sendable {
    /// The six-digit area code.
    public let area: String
    /// The 13 historical bytes of the answer to reset.
    public let resetInformation: [UInt8]
    /// The card's algorithm.
    public let algorithm: CardAlgorithm

    /// A card from its parts.
    public init(area: String, resetInformation: [UInt8], algorithm: CardAlgorithm) {
        self.area = area
        self.resetInformation = resetInformation
        self.algorithm = algorithm
    }

    fileprivate var fields: [String] { [area, resetInformation.hexadecimal, algorithm.code] }
}

/// A message to the gateway in front of the hardware module (card.md §3.5).
///
/// | business | message |
/// |---|---|
/// | 01 read basic data | `01|area|ATR|algorithm|identification code|factor|original|factor|original|` |
/// | 02 external authentication | `02|area|ATR|algorithm|key address|factor|original|` |
/// | 03 new PIN, after 02 with address 0090 | `03|area|ATR|algorithm|key address|factor|header|new PIN|` |
/// | 04 purchase | `04|area|ATR|terminal sequence|algorithm|key address|random|card sequence|amounts|type|terminal|time|` |
public enum HSMBusiness: Sendable {
    /// 01: internal and, where the card needs it, external authentication.
    case readBasic(HSMCard, identificationCode: [UInt8], internal: ChallengePair, external: ChallengePair?)
    /// 02: external authentication with one key.
    case authenticate(HSMCard, keyAddress: HSMKeyAddress, ChallengePair)
    /// 03: the finished command for a new PIN; the header is CLA INS P1 P2 Lc.
    case changePIN(
        HSMCard, keyAddress: HSMKeyAddress, factor: [UInt8], header: [UInt8], newPIN: PersonalIdentificationNumber)
    /// 04: the cryptograms of a purchase.
    case purchase(HSMCard, HSMPurchase)

    private static let form = "HSM"

    /// Reads a message out of memory that the caller wipes; throws all faults at once.
    public init(_ text: Span<UInt8>) throws(Faults) {
        let reader = HSMFieldReader(text, form: Self.form)
        switch reader.text("business", of: 2...2) {
        case "01":
            reader.expect([9])
            let card = reader.card()
            let code = reader.hexadecimal("identification code", 16)
            let (first, second) = (reader.pair("internal"), reader.optionalPair("external"))
            try reader.check()
            self = .readBasic(card, identificationCode: code, internal: first, external: second)
        case "02":
            reader.expect([7])
            let card = reader.card()
            let address = reader.keyAddress()
            let pair = reader.pair("")
            try reader.check()
            guard let address else { throw Self.incomplete }
            self = .authenticate(card, keyAddress: address, pair)
        case "03":
            reader.expect([8])
            let card = reader.card()
            let address = reader.keyAddress()
            let factor = reader.challenge("factor")
            let header = reader.hexadecimal("header", 4...5)
            let pin = reader.pin()
            try reader.check()
            guard let address, let pin else { throw Self.incomplete }
            self = .changePIN(card, keyAddress: address, factor: factor, header: header, newPIN: pin)
        case "04":
            reader.expect([12])
            let (area, reset) = (reader.area(), reader.hexadecimal("reset information", 13))
            let terminalSequence = reader.digits("terminal sequence", 1...20)
            let algorithm = reader.algorithm()
            let purchase = HSMPurchase(terminalSequence: terminalSequence, from: reader)
            try reader.check()
            guard let purchase else { throw Self.incomplete }
            self = .purchase(HSMCard(area: area, resetInformation: reset, algorithm: algorithm), purchase)
        default:
            reader.note("business", "01, 02, 03, 04")
            try reader.check()
            throw Self.incomplete
        }
    }

    private static var incomplete: Faults { Faults("hsm-flow.incomplete", ["form": form]) }

    /// The message, hexadecimal digits in capitals; business 03 holds the new PIN.
    public var text: SecretBytes {
        switch self {
        case .readBasic(let card, let code, let first, let second):
            let fields = ["01"] + card.fields + [code.hexadecimal] + first.fields + (second?.fields ?? ["", ""])
            return SecretBytes(copying: Array(fields.hsmText.utf8))
        case .authenticate(let card, let address, let pair):
            return SecretBytes(copying: Array((["02"] + card.fields + ["\(address)"] + pair.fields).hsmText.utf8))
        case .changePIN(let card, let address, let factor, let header, let pin):
            let head = (["03"] + card.fields + ["\(address)", factor.hexadecimal, header.hexadecimal]).hsmText
            return pin.withDigits { digits in
                SecretBytes.filling(count: head.utf8.count + digits.count + 1) { span in
                    for (index, byte) in head.utf8.enumerated() { span[index] = byte }
                    for index in digits.indices { span[head.utf8.count + index] = digits[index] }
                    span[head.utf8.count + digits.count] = UInt8(ascii: "|")
                }
            }
        case .purchase(let card, let purchase):
            let fields =
                ["04", card.area, card.resetInformation.hexadecimal, purchase.terminalSequence, card.algorithm.code]
                + purchase.fields
            return SecretBytes(copying: Array(fields.hsmText.utf8))
        }
    }
}

/// A purchase for the module: the values that its MAC and transaction code are taken over.
public struct HSMPurchase: Hashable, Sendable {
    /// The terminal's sequence number, digits.
    public let terminalSequence: String
    /// The purchase key.
    public let keyAddress: HSMKeyAddress
    /// The card's random value: 4 or 8 bytes.
    public let random: [UInt8]
    /// The card's sequence number, 2 bytes.
    public let cardSequence: [UInt8]
    /// The amounts as the driver writes them, 1 to 64 visible characters.
    public let amounts: String
    /// The type of transaction, one byte.
    public let type: UInt8
    /// The terminal's number, 6 bytes.
    public let terminal: [UInt8]
    /// `YYYYMMDDHHMMSS`.
    public let time: String

    /// Reads what stands behind the algorithm; nil when the key address is none.
    init?(terminalSequence: String, from reader: HSMFieldReader) {
        let address = reader.keyAddress()
        random = reader.hexadecimal("random", 4...8)
        cardSequence = reader.hexadecimal("card sequence", 2)
        amounts = reader.text("amounts", of: 1...64)
        type = reader.hexadecimal("type", 1).first ?? 0
        terminal = reader.hexadecimal("terminal", 6)
        time = reader.digits("time", 14...14)
        guard let address else { return nil }
        keyAddress = address
        self.terminalSequence = terminalSequence
    }

    fileprivate var fields: [String] {
        [
            "\(keyAddress)", random.hexadecimal, cardSequence.hexadecimal, amounts, type.hexadecimal,
            terminal.hexadecimal, time,
        ]
    }
}

/// The module's answer to a purchase: `terminal sequence|time|MAC1|MAC2|TAC|`.
public struct HSMPurchaseAnswer: Hashable, Sendable {
    /// The terminal's sequence number, digits.
    public let terminalSequence: String
    /// `YYYYMMDDHHMMSS`.
    public let time: String
    /// MAC1, MAC2 and TAC, 4 bytes each.
    public let codes: [[UInt8]]

    /// Reads the string; throws all faults at once.
    public init(_ text: String) throws(Faults) {
        let utf8 = Array(text.utf8)
        let reader = HSMFieldReader(utf8.span, form: "HSM 04")
        reader.expect([5])
        terminalSequence = reader.digits("terminal sequence", 1...20)
        time = reader.digits("time", 14...14)
        codes = ["MAC1", "MAC2", "TAC"].map { reader.hexadecimal($0, 4) }
        try reader.check()
    }

    /// The string, hexadecimal digits in capitals.
    public var text: String { ([terminalSequence, time] + codes.map(\.hexadecimal)).hsmText }
}

extension HSMFieldReader {
    /// Area, reset information and algorithm.
    fileprivate func card() -> HSMCard {
        HSMCard(area: area(), resetInformation: hexadecimal("reset information", 13), algorithm: algorithm())
    }
}
