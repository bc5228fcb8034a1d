import ByteText
import CardCryptography
public import CardData
public import CardLayout

extension GlobalPlatformProfile {
    /// How a secure channel with the keys of a set is opened.
    ///
    /// Throws `globalplatform.level-not-allowed`.
    public func channelSettings(keySet: String, version: UInt8) throws(Faults) -> GlobalPlatformChannel.Settings {
        guard
            let settings = GlobalPlatformChannel.Settings(
                keySet: keySet, keyVersion: version, channelProtocol: channelProtocol, level: level,
                diversification: diversification(of: keySet))
        else {
            throw Faults(
                "globalplatform.level-not-allowed",
                ["protocol": "\(channelProtocol)", "level": level.rawValue.hexadecimal], at: place)
        }
        return settings
    }

    /// How an issued card is asked to prove itself: with the keys it was left with.
    ///
    /// Throws `globalplatform.level-not-allowed`.
    public func proofSettings() throws(Faults) -> GlobalPlatformChannel.Settings {
        try channelSettings(keySet: keyReplacement?.keySet ?? keySet, version: 0x00)
    }
}
