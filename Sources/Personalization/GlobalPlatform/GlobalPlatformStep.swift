import ByteText
public import CardApplication
import CardCryptography
public import CardLayout
public import ISO7816

/// One step of a plan for a GlobalPlatform card.
public struct GlobalPlatformStep: Hashable, Sendable {
    /// What is done.
    public enum Operation: Hashable, Sendable {
        /// The card is reset; no command.
        case reset
        /// A command outside every secure channel.
        case plain(CommandAPDU)
        /// INITIALIZE UPDATE and EXTERNAL AUTHENTICATE with the application selected last.
        case openChannel(GlobalPlatformChannel.Settings)
        /// A command through the secure channel, before it is protected.
        case secured(CommandAPDU)
        /// STORE DATA with keys of the card, whose cipher text the session makes.
        case storeKeys(GlobalPlatformProfile.KeyGrouping, p1: UInt8, number: Int)
        /// PUT KEY with the keys of a set, whose cipher text the session makes.
        case putKey(GlobalPlatformProfile.KeyReplacement, GlobalPlatformProfile.KeyReplacement.CheckValue)
    }

    /// The answer that lets the plan go on.
    public enum Expectation: Hashable, Sendable {
        /// 9000, whatever data comes with it.
        case success
        /// 9000, or 6A88 because there is nothing to delete.
        case successOrNothingThere
        /// 9000 with exactly these bytes.
        case data([UInt8])
    }

    /// Why a step is in a plan.
    public enum Purpose: String, Hashable, Sendable, CaseIterable {
        case reset, selectSecurityDomain, openChannel, deleteInstance, install, selectInstance, storeKeys, storeData
        case readBack, replaceKeys, setLifeCycle

        /// What is done, in Chinese.
        public var chinese: String {
            switch self {
            case .reset: "复位"
            case .selectSecurityDomain: "选择发卡方安全域"
            case .openChannel: "建立安全通道"
            case .deleteInstance: "删除旧实例"
            case .install: "安装应用"
            case .selectInstance: "选择应用"
            case .storeKeys: "装入密钥分组"
            case .storeData: "装入数据分组"
            case .readBack: "读回核对"
            case .replaceKeys: "替换安全域密钥"
            case .setLifeCycle: "设置卡片生命周期"
            }
        }

        /// What is done, in English.
        public var english: String {
            switch self {
            case .reset: "reset the card"
            case .selectSecurityDomain: "select the issuer's security domain"
            case .openChannel: "open a secure channel"
            case .deleteInstance: "delete an old instance"
            case .install: "install the application"
            case .selectInstance: "select the application"
            case .storeKeys: "store a key grouping"
            case .storeData: "store data groupings"
            case .readBack: "read back and compare"
            case .replaceKeys: "replace the security domain's keys"
            case .setLifeCycle: "set the card's life cycle"
            }
        }
    }

    /// What is done.
    public let operation: Operation
    /// What must come back.
    public let expectation: Expectation
    /// Why.
    public let purpose: Purpose
    /// What it is done to, such as `SSSE` or `SSSE/EF05 record 1`.
    public let subject: String

    /// How many commands are sent.
    public var commandCount: Int {
        switch operation {
        case .reset: 0
        case .openChannel: 2
        case .plain, .secured, .storeKeys, .putKey: 1
        }
    }

    /// The commands as they can be printed before they run: what the session fills in as `‹…›`.
    public var printed: String {
        switch operation {
        case .reset: "reset"
        case .plain(let command): command.bytes.hexadecimal
        case .openChannel(let settings):
            "8050\(settings.keyVersion.hexadecimal)00‹challenge› 8482\(settings.level.rawValue.hexadecimal)00‹cryptogram, MAC› "
                + "\(settings.channelProtocol) keys \(settings.keySet)"
        case .secured(let command): "\(command.bytes.hexadecimal) ‹secured›"
        case .storeKeys(let grouping, let p1, let number):
            "80E2\(p1.hexadecimal)\(UInt8(truncatingIfNeeded: number).hexadecimal) \(grouping.identifier.hexadecimal)"
                + "‹\(grouping.keys.joined(separator: " "))› ‹secured›"
        case .putKey(let replacement, let check):
            "80D8\(replacement.replacing.hexadecimal)81‹keys of \(replacement.keySet), \(check.rawValue)› ‹secured›"
        }
    }

    /// Purpose and subject.
    public var text: String { subject.isEmpty ? purpose.chinese : "\(purpose.chinese) \(subject)" }
    /// The same in English.
    public var englishText: String { subject.isEmpty ? purpose.english : "\(purpose.english) \(subject)" }
}
