import ArgumentParser
import ByteText
import CardData
import CardLayout
import VirtualCard

/// `sscard virtual-card`: cards without plastic.
struct VirtualCardCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "virtual-card", abstract: "虚拟卡 Make virtual cards and put them into a virtual reader.",
        discussion: "例 Example: sscard virtual-card run --state a.card",
        subcommands: [New.self, VirtualCardImageCommand.self, VirtualCardRunCommand.self])

    struct New: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "新建空白卡 Make a blank card.",
            discussion: "例 Example: sscard virtual-card new --profile fmcos-ssse --serial 990100000001 --state a.card")

        @OptionGroup var site: SiteOptions
        @Option(help: "卡片配置 COS profile.") var profile: String
        @Option(help: "芯片序列号 The chip's serial number, 12 hexadecimal digits.") var serial: String
        @Option(help: "状态文件 State file to make.") var state: String
        @Flag(help: "输出 JSON.") var json = false

        private struct Report: Encodable {
            let state: String
            let profile: String
            let answerToReset: String
        }

        func run() throws {
            guard let serialNumber = [UInt8](hexadecimal: serial) else { throw StateFileError.serialNumber }
            let bytes = try makeBlank(serialNumber)
            if json {
                return try Terminal.say(
                    json: Report(state: state, profile: profile, answerToReset: bytes.hexadecimal))
            }
            Terminal.say("空白卡 blank card \(state)  ATR \(bytes.hexadecimal)")
        }

        /// Makes the card, or the PSAM where the profile is one's; gives its answer to reset.
        private func makeBlank(_ serialNumber: [UInt8]) throws -> [UInt8] {
            let library = try site.library()
            guard try library.psamProfileNames.contains(profile) else {
                let profile = try library.profile(named: profile)
                if let domain = profile.globalPlatform {
                    try GlobalPlatformCard.makeBlank(profile: domain, serialNumber: serialNumber, stateFile: state)
                } else {
                    try VirtualCard.makeBlank(profile: profile, serialNumber: serialNumber, stateFile: state)
                }
                return profile.answerToResetPrefix + serialNumber
            }
            let profile = try library.psamProfile(named: profile)
            try VirtualPSAM.makeBlank(profile: profile, serialNumber: serialNumber, stateFile: state)
            return profile.answerToResetPrefix + serialNumber
        }
    }
}
