import CardApplication
import CardCryptography
import CardLayout
import ISO7816
import IssuerKeys
import Lifecycle
import Personalization

/// The card in the reader with what its answer to reset tells.
struct CardAtHand {
    let channel: any CardChannel
    let identity: CardIdentity
    let context: CardKeyContext
    let entry: CardLibrary.Entry
    let keys: any CardKeyService

    /// Takes the card at the other end of a channel; throws when it is not one of the layout's profile.
    init(_ channel: any CardChannel, _ preparation: CardPreparation, layoutName: String) throws {
        self.channel = channel
        entry = try preparation.library.entry(layoutName)
        keys = preparation.keys
        let profile = entry.compiled.profile
        guard let identity = CardIdentity(channel.answerToReset),
            let context = CardKeyContext(channel.answerToReset, profile: profile, area: preparation.policy.area)
        else { throw IssuingError.noIdentity }
        guard channel.answerToReset.bytes.starts(with: profile.answerToResetPrefix) else {
            throw PersonalizationError.foreignCard
        }
        self.identity = identity
        self.context = context
    }

    /// A conversation with the card.
    func conversation(pin: PersonalIdentificationNumber?) -> CardConversation {
        CardConversation(channel, profile: entry.compiled.profile, keys: keys, context: context, pin: pin)
    }
}
