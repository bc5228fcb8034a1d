import ByteText
public import CardApplication
import CardData
public import CardLayout
import ISO7816

/// What kind of card lies in the reader, asked without spending a try.
public enum CardClassification: Hashable, Sendable {
    /// No master file: a blank.
    case blank
    /// The social security environment is there and has an identification code.
    case issued(identificationCode: String)
    /// A master file, but not one of ours that is finished.
    case unknown

    /// Looks at the card; the master file is selected afterwards, or nothing.
    public static func of(
        _ conversation: CardConversation, layout: CardLayout
    ) throws(CardError) -> CardClassification {
        do {
            let commands = CardCommands(profile: conversation.profile)
            let master = try conversation.send(.fixed(commands.selectMasterFile()), wantsAnswer: false).statusWord
            guard master.isSuccess else { return master == .functionNotSupported ? .blank : .unknown }
            guard let environment = layout.directories.first, let name = environment.dedicatedFileName,
                let file = environment.files.first, let element = file.elements.first
            else { return .unknown }
            let selection = try conversation.send(.fixed(commands.select(name: name)), wantsAnswer: false)
            // Some blanks come with a master file of the maker's.
            if conversation.profile.hasFactoryMasterFile, selection.statusWord == .fileNotFound { return .blank }
            guard selection.statusWord.isSuccess else { return .unknown }
            let record = try conversation.send(
                .fixed(commands.readRecord(1, of: file, length: element.length + 2)))
            let code = Array(record.data.dropFirst(2))
            guard record.statusWord.isSuccess, code.count == element.length, record.data.first == element.tag,
                code.contains(where: { $0 != 0x00 && $0 != 0xFF })
            else { return .unknown }
            return .issued(identificationCode: code.hexadecimal)
        } catch let error as CardError {
            throw error
        } catch {
            throw .malformed((error as? CommandAPDU.Malformed) ?? .lengthMismatch)
        }
    }
}
