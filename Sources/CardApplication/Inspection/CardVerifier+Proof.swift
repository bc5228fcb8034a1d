import CardCryptography
import CardData
import CardLayout
import ISO7816
import IssuerKeys

/// 内部认证: whether the card is one of the key store.
extension CardVerifier {
    /// Whether the key store is this card's; nil without a store.
    func proof(_ findings: inout [RuleFinding]) throws(CardError) -> Bool? {
        func add(_ verdict: RuleFinding.Verdict) {
            findings.append(
                RuleFinding(
                    rule: .genuine, directory: nil, file: nil, element: nil, title: "内部认证", verdict: verdict))
        }
        guard presentsKeys else {
            add(.notProbed(.noKeys))
            return nil
        }
        if let domain = compiled.profile.globalPlatform { return try proof(of: domain, add) }
        guard let environment = compiled.directories.first,
            let record = environment.security.keys.first(where: { $0.type == 0x34 })
        else {
            add(.notProbed(.noKeyInProfile))
            return false
        }
        let reader = CardReader(conversation, compiled, presentsKeys: false)
        guard try reader.enters(environment) else {
            add(.notProbed(.absent))
            return false
        }
        let length = CardOperation.AuthenticationForm.session.challengeLength(profile: compiled.profile)
        let isOurs: Bool
        var disturbance: StatusWord?
        do {
            let challenges = ChallengePair(
                factor: try SecureRandom.bytes(length), original: try SecureRandom.bytes(length))
            isOurs = try conversation.authenticateCard(
                with: .issuer(KeyName(rawValue: record.name)), identifier: record.identifier, challenges: challenges)
        } catch CardError.refused(_, let statusWord) {
            isOurs = false
            if statusWord.saysNothingOfKeys { disturbance = statusWord }
        } catch let error as CardError {
            throw error
        } catch {
            throw .noChallenge
        }
        add(isOurs ? .ok : .violated(disturbance.map(Self.disturbed) ?? [Fault("card-verify.other-keys")]))
        return isOurs
    }

    private static func disturbed(_ statusWord: StatusWord) -> [Fault] {
        [Fault("card-verify.not-proved", ["statusWord": statusWord.description])]
    }

    /// A security domain proves itself by its cryptogram in INITIALIZE UPDATE, and no read key is presented to its applications.
    private func proof(
        of domain: GlobalPlatformProfile, _ add: (RuleFinding.Verdict) -> Void
    ) throws(CardError) -> Bool {
        let settings: GlobalPlatformChannel.Settings
        do { settings = try domain.proofSettings() } catch {
            add(.notProbed(.noKeyInProfile))
            return false
        }
        switch try conversation.proofOfSecurityDomain(domain, settings) {
        case .proven:
            add(.ok)
            return true
        case .otherKeys, .refused: add(.violated([Fault("card-verify.other-keys")]))
        case .keysOfBlank: add(.violated([Fault("card-verify.keys-of-blank")]))
        case .open(let error): add(.violated(error.faults))
        case .disturbed(let statusWord): add(.violated(Self.disturbed(statusWord)))
        }
        return false
    }
}
