import CardCryptography
public import CardLayout

/// A GlobalPlatform card that outlives its program, in a state file.
extension GlobalPlatformCard {
    private static func delivered(
        _ profile: GlobalPlatformProfile, _ serialNumber: [UInt8]
    ) throws(StateFileError) -> GlobalPlatformCardContent {
        guard serialNumber.count == 6 else { throw .serialNumber }
        let key = profile.blankKeys.value
        return GlobalPlatformCardContent(
            delivered: profile, serialNumber: serialNumber,
            keyData: profile.masterKeyIdentifier + serialNumber.suffix(4), keyVersion: profile.blankKeys.version,
            keys: GlobalPlatformCardContent.KeySet(encryption: key, mac: key, dataEncryption: key))
    }

    /// A blank with the published keys of its profile, in memory only.
    ///
    /// - Parameter serialNumber: The chip's six bytes; they end the ATR.
    public convenience init(
        blank profile: GlobalPlatformProfile, serialNumber: [UInt8], challenges: ChallengeSource = .random
    ) throws(StateFileError) {
        self.init(
            profile: profile, content: try Self.delivered(profile, serialNumber), stateFile: nil,
            challenges: challenges)
    }

    /// Makes a blank and writes its state file; an existing file is left alone.
    public static func makeBlank(
        profile: GlobalPlatformProfile, serialNumber: [UInt8], stateFile path: String
    ) throws(StateFileError) {
        try GlobalPlatformCard(blank: profile, serialNumber: serialNumber).write(stateFile: path)
    }

    /// Writes the card as it is now to a state file of its own; an existing file is left alone.
    public func write(stateFile path: String) throws(StateFileError) {
        let file = StateFile(path: path)
        if file.exists { throw .existsAlready(path) }
        try file.write(checked: content.encoded, durably: true)
    }

    /// The card of a state file; nil when the file is of another kind.
    ///
    /// - Parameter profiles: finds the profile that the file names.
    public convenience init?(
        stateFile path: String, challenges: ChallengeSource = .random,
        profiles: (String) throws -> GlobalPlatformProfile
    ) throws {
        let file = StateFile(path: path)
        let bytes = try file.readBytes()
        guard GlobalPlatformCardContent.isImage(bytes) else { return nil }
        let content = try GlobalPlatformCardContent(encoded: StateFile.checked(bytes))
        self.init(
            profile: try profiles(content.profileName), content: content, stateFile: file, challenges: challenges)
    }

    /// Everything the card keeps without power, as bytes: equal bytes mean an equal card.
    ///
    /// - Parameter countsChannels: false leaves out the counter of secure channels, which a card that was torn has further on.
    public func image(countsChannels: Bool = true) -> [UInt8] {
        var content = content
        if !countsChannels { content.sequenceCounter = 0 }
        return content.encoded
    }
}
