import ByteText
import CardCryptography
public import CardData
public import CardLayout
public import IssuerKeys

/// What most likely made a card refuse a key, told before anybody tries again: found by comparing what is known on both sides, and
/// never by asking the card for another try.
public struct AuthenticationDiagnosis: Hashable, Sendable {
    /// One thing on which the two sides differ.
    public enum Cause: Hashable, Sendable {
        /// Key: the card is of one world, training or production, and the keys are of the other.
        case keySet(isDevelopment: Bool)
        /// Key: the card belongs to another city.
        case area(card: String, used: String)
        /// Version: the card was authenticated with another version of the keys.
        case version(card: String, used: String)
        /// Derivation: the card factor is not what the profile's rule makes of the card's answer to reset, or not what it was.
        case factor(card: String, used: String)
        /// Protocol: the card was authenticated with another cipher.
        case algorithm(card: String, used: String)
        /// Protocol: the card took another form of EXTERNAL AUTHENTICATE, or the profile says that it takes only another.
        case form(card: String, used: String)
        /// Protocol: the session key had another length.
        case sessionKeyWidth(card: Int, used: Int)
        /// Protocol: eight bytes filled the blocks of SM4 in another way.
        case blocks(card: String, used: String)
        /// Order: the card took its two challenges the other way round.
        case challengeOrder(card: String, used: String)
        /// Key: the derived key has another check value, and nothing else says why.
        case checkValue(card: String, used: String)
        /// Key: a blank refused the published value of its maker that the profile has.
        case transportKey(profile: String)
        /// Nothing differs from what this card took before: its key was changed, or this is another chip that says it is this one.
        case cardChanged
        /// A MAC was refused, and nothing says why: key, version, derivation or cipher is another on the card.
        case mac(key: String, version: String, factor: String, algorithm: String)
        /// Nothing is on record for this card; what the profile merely assumes comes first.
        case neverProven
    }

    /// The causes, the likeliest first; at least one.
    public let causes: [Cause]

    /// Compares.
    ///
    /// - Parameters:
    ///   - now: with what the key was presented; its check value is that of the recorded key.
    ///   - recorded: with what the card took a key before.
    ///   - answerFactor: the card factor by the profile's rule, from the card in the reader.
    ///   - cardArea: the area that begins the card's identification code.
    ///   - profile: the card operating system as it is set up here.
    public init(
        of now: AuthenticationTerms, recorded: AuthenticationTerms?, answerFactor: [UInt8]?, cardArea: String?,
        profile: COSProfile
    ) {
        var causes = Self.differences(of: now, recorded: recorded, answerFactor: answerFactor, cardArea: cardArea)
        let keyDiffers = !causes.isEmpty
        func compare<Value: Equatable>(_ card: Value?, _ used: Value, _ cause: (Value) -> Cause) {
            if let card, card != used { causes.append(cause(card)) }
        }
        if !profile.authenticationForms.contains(now.form == .plain ? 8 : 16) {
            causes.append(.form(card: now.form == .plain ? "session" : "plain", used: now.form.rawValue))
        }
        if now.form == .session {
            compare(recorded?.challengeOrder, now.challengeOrder) {
                .challengeOrder(card: $0.rawValue, used: now.challengeOrder.rawValue)
            }
            compare(recorded?.sessionKeyWidth, now.sessionKeyWidth) {
                .sessionKeyWidth(card: $0, used: now.sessionKeyWidth)
            }
        }
        causes += Self.otherBlocks(of: now, recorded: recorded)
        if !keyDiffers { causes += Self.otherCheckValue(of: now, recorded: recorded) }
        if causes.isEmpty { causes.append(recorded == nil ? .neverProven : .cardChanged) }
        self.causes = causes
        challengeOrder = now.challengeOrder
        sessionKeyWidth = now.sessionKeyWidth
    }

    /// Compares where the card refused a MAC: there the order of challenges and the form of an authentication have no part.
    ///
    /// - Parameters:
    ///   - key: that of the MAC.
    ///   - now: as for an authentication; form and order count for nothing.
    ///   - recorded: with what the card took a key before.
    ///   - answerFactor: the card factor by the profile's rule, from the card in the reader.
    ///   - cardArea: the area that begins the card's identification code.
    ///   - profile: the card operating system as it is set up here.
    public init(
        ofMACUnder key: KeyName, with now: AuthenticationTerms, recorded: AuthenticationTerms?, answerFactor: [UInt8]?,
        cardArea: String?, profile: COSProfile
    ) {
        var causes = Self.differences(of: now, recorded: recorded, answerFactor: answerFactor, cardArea: cardArea)
        causes += Self.otherBlocks(of: now, recorded: recorded)
        if causes.isEmpty { causes = Self.otherCheckValue(of: now, recorded: recorded) }
        if causes.isEmpty {
            causes = [
                .mac(
                    key: key.rawValue, version: now.keySet.version ?? "?", factor: now.cardFactor.hexadecimal,
                    algorithm: now.algorithm.description)
            ]
        }
        self.causes = causes
        challengeOrder = profile.challengeOrder
        sessionKeyWidth = profile.sessionKeyWidth
    }

    /// On what the key itself, whatever it was used for, differs.
    private static func differences(
        of now: AuthenticationTerms, recorded: AuthenticationTerms?, answerFactor: [UInt8]?, cardArea: String?
    ) -> [Cause] {
        var causes: [Cause] = []
        func compare<Value: Equatable>(_ card: Value?, _ used: Value, _ cause: (Value) -> Cause) {
            if let card, card != used { causes.append(cause(card)) }
        }
        let area = cardArea ?? recorded?.area
        // Area 99 belongs to nobody: cards for training, made with the published keys.
        compare(recorded?.keySet.isDevelopment ?? area.map { $0.hasPrefix("99") }, now.keySet.isDevelopment) { _ in
            .keySet(isDevelopment: now.keySet.isDevelopment)
        }
        compare(area, now.area) { .area(card: $0, used: now.area) }
        if let used = now.keySet.version { compare(recorded?.keySet.version, used) { .version(card: $0, used: used) } }
        // What the card took once counts for more than what the rule of today makes of its answer to reset.
        compare(recorded?.cardFactor ?? answerFactor, now.cardFactor) {
            .factor(card: $0.hexadecimal, used: now.cardFactor.hexadecimal)
        }
        compare(recorded?.algorithm, now.algorithm) {
            .algorithm(card: $0.description, used: now.algorithm.description)
        }
        return causes
    }

    private static func otherBlocks(of now: AuthenticationTerms, recorded: AuthenticationTerms?) -> [Cause] {
        guard let used = now.blocks, let card = recorded?.blocks, card != used else { return [] }
        return [.blocks(card: card.description, used: used.description)]
    }

    private static func otherCheckValue(of now: AuthenticationTerms, recorded: AuthenticationTerms?) -> [Cause] {
        guard let used = now.checkValue, let card = recorded?.checkValue, card != used else { return [] }
        return [.checkValue(card: card.description, used: used.description)]
    }

    /// What is likely where a blank refused the published value of its maker.
    public init(ofBlankOf profile: COSProfile) {
        causes = [.transportKey(profile: profile.name)]
        challengeOrder = profile.challengeOrder
        sessionKeyWidth = profile.sessionKeyWidth
    }

    private let challengeOrder: COSProfile.ChallengeOrder
    private let sessionKeyWidth: Int
}

extension AuthenticationDiagnosis: FaultReporting {
    /// Each cause in the catalogue's terms.
    public var faults: [Fault] {
        causes.map { cause in
            switch cause {
            case .keySet(isDevelopment: true): Fault("authentication.development-keys")
            case .keySet(isDevelopment: false): Fault("authentication.production-keys")
            case .area(let card, let used): Fault("authentication.area", ["card": card, "used": used])
            case .version(let card, let used): Fault("authentication.version", ["card": card, "used": used])
            case .factor(let card, let used): Fault("authentication.factor", ["card": card, "used": used])
            case .algorithm(let card, let used): Fault("authentication.algorithm", ["card": card, "used": used])
            case .form(let card, let used): Fault("authentication.form", ["card": card, "used": used])
            case .sessionKeyWidth(let card, let used):
                Fault("authentication.session-key-width", ["card": String(card), "used": String(used)])
            case .blocks(let card, let used): Fault("authentication.blocks", ["card": card, "used": used])
            case .challengeOrder(let card, let used):
                Fault("authentication.challenge-order", ["card": card, "used": used])
            case .checkValue(let card, let used): Fault("authentication.check-value", ["card": card, "used": used])
            case .transportKey(let profile): Fault("authentication.transport-key", ["profile": profile])
            case .cardChanged: Fault("authentication.card-changed")
            case .mac(let key, let version, let factor, let algorithm):
                Fault(
                    "authentication.mac",
                    ["key": key, "version": version, "factor": factor, "algorithm": algorithm])
            case .neverProven:
                Fault(
                    "authentication.never-proven",
                    ["order": challengeOrder.rawValue, "width": String(sessionKeyWidth)])
            }
        }
    }
}
