public import CardData
public import CardLayout
public import ISO7816

/// What of a card anybody may read: whose it is, in the issuer's terms.
public enum IdentificationCodeReading: Hashable, Sendable {
    /// The card has no social security environment; what it answered.
    case noEnvironment(StatusWord)
    /// The card has no record for the code.
    case absent
    /// The record is there and nothing was written in it.
    case blank
    /// The bytes of the code.
    case code([UInt8])

    /// Bytes of an identification code (card.md §1.7).
    public static let length = 16

    /// The record's content, judged.
    public init(content: [UInt8]) {
        self = content.contains { $0 != 0x00 && $0 != 0xFF } ? .code(content) : .blank
    }
}

extension CardConversation {
    /// Reads the identification code: SELECT of the environment by name, READ RECORD of its first record.
    ///
    /// Costs no try; afterwards the environment is selected, or what was before.
    public func readIdentificationCode(of layout: CardLayout) throws(CardError) -> IdentificationCodeReading {
        guard let environment = layout.directories.first, let name = profile.selectionName(of: environment),
            let file = environment.files.first, let element = file.elements.first
        else { return .absent }
        let commands = CardCommands(profile: profile)
        let command = try building { () throws(CommandAPDU.Malformed) in try commands.select(name: name) }
        let selection = try send(.fixed(command), wantsAnswer: false).statusWord
        guard selection.isSuccess else { return .noEnvironment(selection) }
        let record = try send(
            .fixed(commands.readRecord(1, of: file, length: profile.length(ofRecord: element.recordLength))))
        let bytes = profile.record(in: record.data)
        let content = Array(bytes.dropFirst(2))
        guard record.statusWord.isSuccess, bytes.first == element.tag, content.count == element.length else {
            return .absent
        }
        return IdentificationCodeReading(content: content)
    }
}

/// A card refused a key: what was told of it, and what most likely made it do so.
public struct RefusedKey: FaultReporting {
    /// The error and the causes, in the catalogue's terms.
    public let faults: [Fault]
}

extension CardConversation {
    /// Does something with the card, and adds the likely causes where the card refuses a key.
    ///
    /// - Throws: what `body` throws, or ``RefusedKey`` in its place.
    public func explaining<Result>(of layout: CardLayout, _ body: () throws -> Result) throws -> Result {
        do {
            return try body()
        } catch let error as any FaultReporting {
            guard let diagnosis = diagnosis(readingFrom: layout) else { throw error }
            throw RefusedKey(faults: error.faults + diagnosis.faults)
        }
    }

    /// The likely causes, the card's own area among what is compared; nil when the card refused no key.
    public func diagnosis(readingFrom layout: CardLayout) -> AuthenticationDiagnosis? {
        guard diagnosis(cardArea: nil) != nil else { return nil }
        var area: String?
        if case .code(let bytes)? = try? readIdentificationCode(of: layout),
            let code = try? IdentificationCode(bytes: bytes)
        {
            area = code.areaCode
        }
        return diagnosis(cardArea: area)
    }
}
