import ByteText
import CardCryptography
public import CardLayout
public import ISO7816
import IssuerKeys

/// A command of a secure channel: its bytes are known once the card and the key service have had their say.
public enum SecurityDomainOperation: Hashable, Sendable {
    /// INITIALIZE UPDATE; the card's cryptogram must be that of the key set.
    case initializeUpdate(GlobalPlatformChannel.Settings)
    /// EXTERNAL AUTHENTICATE after it.
    case externalAuthenticate(GlobalPlatformChannel.Settings)
    /// A command through the channel, before it is protected.
    case secured(CommandAPDU)
    /// STORE DATA with keys of the card, whose cipher text the session of a key set makes.
    case storeKeys(GlobalPlatformProfile.KeyGrouping, keySet: String, p1: UInt8, number: Int)
    /// STORE DATA with the holder's PIN.
    case storePIN(grouping: UInt16, p1: UInt8, number: Int)
    /// SET STATUS of the card.
    case setLifeCycle(UInt8)
    /// PUT KEY with the keys of a set, whose cipher text the session makes.
    case putKey(GlobalPlatformProfile.KeyReplacement, GlobalPlatformProfile.KeyReplacement.CheckValue)
}

extension SecurityDomainOperation {
    /// The command as it can be printed before it runs: what the session fills in as `‹…›`, the protection left out.
    func printed(_ profile: GlobalPlatformProfile?) -> String {
        switch self {
        case .initializeUpdate(let settings):
            "8050\(settings.keyVersion.hexadecimal)00‹\(settings.channelProtocol.challengeLength)›"
        case .externalAuthenticate(let settings):
            "8482\(settings.level.rawValue.hexadecimal)00‹\(2 * settings.channelProtocol.challengeLength)›"
        case .secured(let command): command.bytes.hexadecimal
        case .storeKeys(let grouping, _, let p1, let number):
            "80E2\(p1.hexadecimal)\(UInt8(truncatingIfNeeded: number).hexadecimal)\(grouping.identifier.hexadecimal)"
                + "‹\(16 * grouping.keys.count)›"
        case .storePIN(let grouping, let p1, let number):
            "80E2\(p1.hexadecimal)\(UInt8(truncatingIfNeeded: number).hexadecimal)\(grouping.hexadecimal)"
                + "‹\(profile?.channelProtocol.blockLength ?? 8)›"
        case .setLifeCycle(let state): "80F080\(state.hexadecimal)"
        case .putKey(let replacement, _):
            "80D8\(replacement.replacing.hexadecimal)81‹\(Self.putKeyLength(replacement, profile))›"
        }
    }

    /// CLA, INS, P1 and P2, for messages.
    var header: [UInt8] {
        switch self {
        case .initializeUpdate(let settings): [0x80, 0x50, settings.keyVersion, 0x00]
        case .externalAuthenticate(let settings): [0x84, 0x82, settings.level.rawValue, 0x00]
        case .secured(let command): command.header
        case .storeKeys(_, _, let p1, let number), .storePIN(_, let p1, let number):
            [0x80, 0xE2, p1, UInt8(truncatingIfNeeded: number)]
        case .setLifeCycle(let state): [0x80, 0xF0, 0x80, state]
        case .putKey(let replacement, _): [0x80, 0xD8, replacement.replacing, 0x81]
        }
    }

    /// What the session will ask the key service for; nil for what the session's own keys do.
    func keyNeed(_ profile: GlobalPlatformProfile?) -> CardKeyNeed? {
        switch self {
        case .initializeUpdate(let settings):
            return .securityDomain(
                .channel(settings.channelProtocol.version, settings.diversification), keySet: settings.keySet)
        case .storeKeys(let grouping, let keySet, _, _):
            return .securityDomain(.keyData(grouping.keys.map { .issuer(KeyName(rawValue: $0)) }), keySet: keySet)
        case .putKey(let replacement, _):
            guard let profile else { return nil }
            return .securityDomain(
                .putKey(
                    keySet: replacement.keySet, profile.channelProtocol.version,
                    profile.diversification(of: replacement.keySet)), keySet: profile.keySet)
        case .externalAuthenticate, .secured, .storePIN, .setLifeCycle: return nil
        }
    }

    /// Which keys, by which rule, fill the slot, and what protects the command on its way.
    func slot(_ profile: GlobalPlatformProfile?) -> String {
        switch self {
        case .initializeUpdate(let settings), .externalAuthenticate(let settings):
            "\(settings.channelProtocol) level \(settings.level.rawValue.hexadecimal) keys \(settings.keySet) "
                + "\(settings.diversification.rawValue)"
        case .secured, .setLifeCycle: "secured"
        case .storeKeys(let grouping, _, _, _): "\(grouping.keys.joined(separator: " ")) secured"
        case .storePIN: "PIN secured"
        case .putKey(let replacement, let check):
            "keys of \(replacement.keySet) \(profile?.diversification(of: replacement.keySet).rawValue ?? "") "
                + "\(check.rawValue) secured"
        }
    }

    /// How many bytes the command has on its way to the card.
    func length(_ profile: GlobalPlatformProfile?) -> Int {
        guard let profile else { return 0 }
        let spoken = profile.channelProtocol
        func secured(_ count: Int) -> Int {
            guard profile.level.authenticatesCommands else { return 5 + count }
            let data =
                profile.level.enciphersCommands && count > 0
                ? (count / spoken.blockLength + 1) * spoken.blockLength : count
            return 5 + data + spoken.macLength
        }
        switch self {
        case .initializeUpdate: return 6 + spoken.challengeLength
        case .externalAuthenticate: return 5 + 2 * spoken.challengeLength
        case .secured(let command): return secured(command.data.count) + (command.expectedLength == nil ? 0 : 1)
        case .storeKeys(let grouping, _, _, _):
            let count = 16 * grouping.keys.count
            return secured(2 + (count < 0xFF ? 1 : 3) + count)
        case .storePIN: return secured(3 + spoken.blockLength)
        case .setLifeCycle: return secured(0)
        case .putKey(let replacement, _): return secured(Self.putKeyLength(replacement, profile)) + 1
        }
    }

    /// How many of them are data: neither header and Lc nor Le.
    func dataLength(_ profile: GlobalPlatformProfile?) -> Int {
        let hasExpectedLength =
            switch self {
            case .initializeUpdate, .putKey: true
            case .secured(let command): command.expectedLength != nil
            case .externalAuthenticate, .storeKeys, .storePIN, .setLifeCycle: false
            }
        return max(0, length(profile) - 5 - (hasExpectedLength ? 1 : 0))
    }

    /// Version, and for each key type, length, cipher text, check value.
    private static func putKeyLength(
        _ replacement: GlobalPlatformProfile.KeyReplacement, _ profile: GlobalPlatformProfile?
    ) -> Int {
        let stated = profile?.channelProtocol.version == .scp03 && replacement.statesLength ? 1 : 0
        return 1 + 3 * (2 + stated + 16 + 1 + 3)
    }
}

extension StatusWord {
    /// Whether EXTERNAL AUTHENTICATE of a secure channel was compared and found wrong: 6300, 63Cx, 6982 and 6983.
    var failsAuthentication: Bool {
        rawValue >> 8 == 0x63 || self == .securityStatusNotSatisfied || self == .authenticationMethodBlocked
    }
}
