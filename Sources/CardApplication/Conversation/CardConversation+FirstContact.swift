import CardCryptography
public import CardLayout
import IssuerKeys

/// The first contact with a card that may have lost tries elsewhere.
extension CardConversation {
    /// What the card has shown before a key is presented to it.
    enum Acquaintance {
        /// Nothing was asked yet.
        case none
        /// It answered INTERNAL AUTHENTICATE as only a card with our keys does.
        case proven(KeyName)
        /// It answered as a card with other keys.
        case foreign
        /// It cannot be asked, or did not answer.
        case unproven
    }

    /// Has a card that the books do not know prove itself by INTERNAL AUTHENTICATE, which costs it no try.
    ///
    /// What the proof shows is the derivation: key set, city, card factor and form, which all keys of the card share.
    /// - Returns: whether another directory was selected for it: whoever stood in one enters it again.
    @discardableResult
    public func meet(_ compiled: CompiledCard) throws(CardError) -> Bool {
        guard case .none = acquaintance, let contact = visit?.firstContact, !isKnown(contact) else { return false }
        acquaintance = .unproven
        guard profile.globalPlatform == nil, let (directory, record) = proof(of: compiled) else { return false }
        guard try CardReader(self, compiled, presentsKeys: false).enters(directory) else { return true }
        let form: CardOperation.AuthenticationForm = profile.authenticationForms.contains(16) ? .session : .plain
        let length = CardOperation.AuthenticationForm.session.challengeLength(profile: profile)
        guard let factor = try? SecureRandom.bytes(length), let original = try? SecureRandom.bytes(length) else {
            return true
        }
        let key = KeyName(rawValue: record.name)
        do throws(CardError) {
            let isProved = try authenticateCard(
                with: .issuer(key), identifier: record.identifier,
                challenges: ChallengePair(factor: factor, original: original))
            let isOurs = isProved || contact.isPlayed
            acquaintance = isOurs ? .proven(key) : .foreign
            // what a later refusal is compared with
            if !isOurs { refused = .authenticate(.issuer(key), identifier: record.identifier, form: form) }
        } catch {
            // a card or a key service that does not do it leaves the question open
            switch error {
            case .refused, .keys: break
            default: throw error
            }
        }
        return true
    }

    /// Refuses a key to a card that the books do not know, unless the card has proved itself or an officer answers for it.
    ///
    /// A counter that the card has told is known: what is left of it stands in the record; what was counted here alone is not. An officer's word holds for the key as long as
    /// the conversation: a file under line protection takes a challenge and a MAC for each of its records.
    func demandAcquaintance(_ counter: TryCounter, _ operation: CardOperation?) throws(CardError) {
        guard let key = counter.issuerKey, let contact = visit?.firstContact, operation?.isOfBlank != true,
            !contact.isPlayed, !record.isTold(counter), !isKnown(contact), !isProved(key),
            !answeredFor.contains(counter)
        else { return }
        if case .foreign = acquaintance { throw .otherKeys(key.rawValue) }
        guard let officer = contact.acceptedBy else { throw .firstContact(key.rawValue) }
        try record.note(firstContactAcceptedBy: officer, for: counter)
        answeredFor.insert(counter)
    }

    /// The card took a key of ours here before, or the books have it.
    private func isKnown(_ contact: FirstContact) -> Bool { record.terms != nil || contact.isInTheBooks() }

    /// Whether what the card has proved holds for a key.
    ///
    /// A card of which no versions are recorded is taken to have the live ones, and the proof shows that of the key that made it alone:
    /// of the others it holds as long as they never had another version.
    private func isProved(_ key: KeyName) -> Bool {
        guard case .proven(let own) = acquaintance else { return false }
        guard context.versions == nil, key != own, let live = visit?.liveVersions else { return true }
        return live[key] == .first
    }

    /// The first key by which the card proves itself to everybody, and its directory.
    private func proof(of compiled: CompiledCard) -> (CompiledDirectory, KeyRecord)? {
        for directory in compiled.directories {
            let keys = directory.security.keys
            guard let record = keys.first(where: { $0.type == 0x34 && AccessPath.opens($0.useRight, 0) }) else {
                continue
            }
            return (directory, record)
        }
        return nil
    }
}
