import ArgumentParser
import ByteText
import CardData
import CardLayout
import Issuing
import VirtualCard

/// `sscard virtual-card image`: a virtual card in a state that counters meet, for practice and tests.
struct VirtualCardImageCommand: ParsableCommand {
    private static let yesCard = "yes-to-everything"
    private static let names = TrainingCard.names + [yesCard]

    static let configuration = CommandConfiguration(
        commandName: "image", abstract: "新建演练卡 Make a card in a given state, with the development keys.",
        discussion: """
            \(names.joined(separator: " · "))
            torn@K: K 条指令后拔卡 pulled after K commands; v1: national-1.0; \(yesCard): 一律答 9000 always answers 9000.
            密码 PIN \(TrainingCard.pinDigits)

            例 Example: sscard virtual-card image torn@120 --state torn.card
            """)

    @OptionGroup var site: SiteOptions
    @Argument(help: "状态 State: \(names.joined(separator: ", ")).") var name: String
    @Option(help: "状态文件 State file to make.") var state: String
    @Option(help: "布局 Layout.") var layout = "national-2.0"
    @Option(help: "芯片序列号 The chip's serial number, 12 hexadecimal digits.") var serial = "990100000001"
    @Flag(help: "输出 JSON.") var json = false

    private struct Report: Encodable {
        let state: String
        let image: String
        let answerToReset: String
    }

    func run() throws {
        guard let serialNumber = [UInt8](hexadecimal: serial) else { throw StateFileError.serialNumber }
        let site = try Site(site)
        let answerToReset =
            name == Self.yesCard
            ? try yes(site, serialNumber) : try image(site, TrainingCard(name), serialNumber)
        if json {
            return try Terminal.say(
                json: Report(state: state, image: name, answerToReset: answerToReset.hexadecimal))
        }
        Terminal.say("\(name) \(state)  ATR \(answerToReset.hexadecimal)")
    }

    private func image(_ site: Site, _ training: TrainingCard, _ serialNumber: [UInt8]) throws -> [UInt8] {
        let profile = try site.library.entry(training.layoutName ?? layout).compiled.profile
        let card = try VirtualCard(profile: profile, serialNumber: serialNumber)
        try TrainingCardMaker(site.preparation()).make(
            training, layoutName: layout, through: VirtualCardChannel(card))
        try card.write(stateFile: state)
        return card.answerToReset
    }

    private func yes(_ site: Site, _ serialNumber: [UInt8]) throws -> [UInt8] {
        guard serialNumber.count == 6 else { throw StateFileError.serialNumber }
        let profile = try site.library.entry(layout).compiled.profile
        let card = YesCard(answerToReset: profile.answerToResetPrefix + serialNumber)
        try card.write(stateFile: state)
        return card.answerToReset
    }
}
