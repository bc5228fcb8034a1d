import ByteText
public import CardApplication
import CardData
public import CardLayout
import ISO7816

/// What kind of card lies in the reader, asked without spending a try.
public enum CardClassification: Hashable, Sendable {
    /// No master file, and the chip answers: a blank.
    case blank
    /// The social security environment is there and has an identification code.
    case issued(identificationCode: String)
    /// The card refuses every command with 6A81, as after CARD BLOCK (cos-dialects §11, 12): never a blank.
    case blocked
    /// The answer to reset is not that of the layout's kind of card.
    case foreign
    /// A master file, but not one of ours that is finished; never begun anew.
    case unknown

    /// Looks at the card; the master file or the environment is selected afterwards, or nothing.
    ///
    /// A blank and a blocked card both answer 6A81 to SELECT: a blank has a challenge to give, a blocked card has nothing.
    public static func of(
        _ conversation: CardConversation, layout: CardLayout
    ) throws(CardError) -> CardClassification {
        guard conversation.answerToReset.bytes.starts(with: conversation.profile.answerToResetPrefix) else {
            return .foreign
        }
        if let domain = conversation.profile.globalPlatform {
            return try ofApplications(conversation, layout: layout, domain)
        }
        let commands = CardCommands(profile: conversation.profile)
        let selection: CommandAPDU
        do { selection = try commands.selectMasterFile() } catch { throw .malformed(error) }
        let master = try conversation.send(.fixed(selection), wantsAnswer: false).statusWord
        guard master.isSuccess else {
            guard master == .functionNotSupported else { return .unknown }
            let challenge = try conversation.send(.fixed(commands.getChallenge(8)))
            if challenge.statusWord == .functionNotSupported { return .blocked }
            return challenge.statusWord.isSuccess && challenge.data.count == 8 ? .blank : .unknown
        }
        switch try conversation.readIdentificationCode(of: layout) {
        case .code(let code): return .issued(identificationCode: code.hexadecimal)
        // Some blanks come with a master file of the maker's.
        case .noEnvironment(.fileNotFound) where conversation.profile.hasFactoryMasterFile:
            return try conversation.hasContentOfOthers() ? .unknown : .blank
        case .noEnvironment, .absent, .blank: return .unknown
        }
    }
}
