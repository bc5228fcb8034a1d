import CardApplication
import CardCryptography
import CardLayout
import IssuerKeys

extension CardConversation {
    /// Whether the card proves itself by INTERNAL AUTHENTICATE with random challenges: a copy of its files alone does not.
    ///
    /// The environment has to be selected. False also where the card refuses to answer; nil where the layout names no key for it.
    func isGenuine(by compiled: CompiledCard) throws -> Bool? {
        let keys = compiled.directories.first?.security.keys ?? []
        guard let key = keys.first(where: { $0.type == 0x34 }) else { return nil }
        let length = CardOperation.AuthenticationForm.session.challengeLength(profile: compiled.profile)
        let pair = ChallengePair(factor: try SecureRandom.bytes(length), original: try SecureRandom.bytes(length))
        do throws(CardError) {
            return try authenticateCard(
                with: .issuer(KeyName(rawValue: key.name)), identifier: key.identifier, challenges: pair)
        } catch {
            guard case .refused = error else { throw error }
            return false
        }
    }
}
