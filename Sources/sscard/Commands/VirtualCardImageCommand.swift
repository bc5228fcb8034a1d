import ArgumentParser
import ByteText
import CardCryptography
import CardData
import CardLayout
import Foundation
import Issuing
import Lifecycle
import Personalization
import VirtualCard

/// `sscard virtual-card image`: a virtual card in a state that counters meet, for practice and tests.
struct VirtualCardImageCommand: ParsableCommand {
    private static let yesCard = "yes-to-everything"
    private static let slowCard = "slow"
    private static let payingCard = "purchases"
    private static let others = [slowCard, payingCard, yesCard]
    private static let names = TrainingCard.names + others

    static let configuration = CommandConfiguration(
        commandName: "image", abstract: "新建演练卡 Make a card in a given state, with the development keys.",
        discussion: """
            \(names.joined(separator: " · "))
            torn@K: K 条指令后拔卡 pulled after K commands; v1: national-1.0; \(yesCard): 一律答 9000 always answers 9000.
            \(slowCard): 已发卡，像 9600 波特的实体卡一样慢 issued, and as slow as a card of plastic at 9600 baud in whatever reader it lies.
            \(payingCard): 已发卡，并消费过 \(TrainingTerminal.purchases) 次，医疗交易明细由卡片自己写满 issued, and has paid \(TrainingTerminal.purchases) times: the
            card itself filled its log of medical transactions (DF04/EF08).
            密码 PIN \(TrainingCard.pinDigits)
            指明数据目录（--data 或 SSCARD_DATA）时，torn@K 留下日志和人员文件，可由 card personalize 续作。With a data folder torn@K leaves a journal and
            a people file, and card personalize finishes the card.

            例 Example: sscard virtual-card image torn@120 --state torn.card
            """)

    @OptionGroup var site: SiteOptions
    @OptionGroup var user: KeyUserOptions
    @Argument(help: "状态 State: \(names.joined(separator: ", ")).") var name: String
    @Option(help: "状态文件 State file to make.") var state: String
    @Option(help: "布局 Layout.") var layout = "national-2.0"
    @Option(help: "芯片序列号 The chip's serial number, 12 hexadecimal digits; a new one when none is given.")
    var serial: String?
    @Flag(help: "输出 JSON.") var json = false

    private struct Report: Encodable {
        let state: String
        let image: String
        let answerToReset: String
        let people: String?
        let finishedBy: String?
    }

    func run() throws {
        guard let serialNumber = try [UInt8](hexadecimal: serial ?? Self.newSerial()) else {
            throw StateFileError.serialNumber
        }
        let site = try Site(site).acting(user.officer)
        var people: String?
        let answerToReset =
            name == Self.yesCard
            ? try yes(site, serialNumber)
            : try image(
                site,
                TrainingCard([Self.slowCard, Self.payingCard].contains(name) ? "issued" : name, others: Self.others),
                serialNumber, &people)
        if name == Self.slowCard { try CardTiming(baudRate: 9_600)?.write(toStateFile: state) }
        let place = site.options.data.map { " --data \($0)" } ?? ""
        let finishing = people.map { "sscard card personalize --layout \(layout) --people \($0) --pin ask\(place)" }
        if json {
            return try Terminal.say(
                json: Report(
                    state: state, image: name, answerToReset: answerToReset.hexadecimal, people: people,
                    finishedBy: finishing))
        }
        Terminal.say("\(name) \(state)  ATR \(answerToReset.hexadecimal)")
        if let finishing {
            Terminal.say("续作 finished by: \(finishing)")
        } else if name.hasPrefix("torn@") {
            Terminal.say(
                hasDataFolder
                    ? "没有写入任何指令，卡还是空白的，没有日志。No command was sent: the card is a blank still, and needs no journal."
                    : "没有日志，本机不能续作；指明 --data 则留下日志。Without a journal it cannot be finished; with --data DIR one is left."
            )
        }
    }

    /// A serial of the training area that no other card is likely to have: two images are two cards.
    private static func newSerial() throws -> String { "9901" + (try SecureRandom.bytes(4)).hexadecimal }

    /// The number of a card whose chip has the serial; that of the training person for a serial that was given.
    private func number(_ site: Site, _ serialNumber: [UInt8]) -> CardNumber? {
        guard serial == nil, let index = UInt32(bigEndianBytes: Array(serialNumber.suffix(4))) else { return nil }
        let numbers = site.policy.cardNumbers
        return numbers.number(at: Int(index) % max(numbers.count, 1))
    }

    private func image(
        _ site: Site, _ training: TrainingCard, _ serialNumber: [UInt8], _ people: inout String?
    ) throws -> [UInt8] {
        let profile = try site.library.entry(training.layoutName ?? madeLayout).compiled.profile
        if let domain = profile.globalPlatform {
            let card = try GlobalPlatformCard(blank: domain, serialNumber: serialNumber)
            try make(site, training, serialNumber, through: VirtualCardChannel(card), &people)
            try card.write(stateFile: state)
            return card.answerToReset
        }
        let card = try VirtualCard(profile: profile, serialNumber: serialNumber)
        try make(site, training, serialNumber, through: VirtualCardChannel(card), &people)
        try card.write(stateFile: state)
        return card.answerToReset
    }

    private var pays: Bool { name == Self.payingCard }

    /// The layout that was asked for; on the profile whose cards pay, where the card is to pay and none was named.
    private var madeLayout: String {
        pays && !layout.contains("@") ? "\(layout)@\(TrainingTerminal.profileName)" : layout
    }

    /// Brings a blank into the state; one that is torn where a journal can lie leaves what finishes it.
    private func make(
        _ site: Site, _ training: TrainingCard, _ serialNumber: [UInt8], through channel: VirtualCardChannel,
        _ people: inout String?
    ) throws {
        if case .torn(let count) = training.state, count > 0, hasDataFolder {
            if FileManager.default.fileExists(atPath: state) { throw StateFileError.existsAlready(state) }
            // A card that is not torn in time would be made, and booked.
            let whole = try site.plan(
                PersonRecord(values: TrainingCard.person, place: SourcePlace(file: name, line: 1)), layout: layout,
                serial: serialNumber.hexadecimal, site.preparation()
            ).commandCount
            guard count < whole else { throw TrainingCard.tooLate(count, of: whole) }
            try site.desk(site.registry(begins: true)).tear(
                after: count, layoutName: layout,
                handling: Handling(by: Officer(number: 1001, role: .personalizer)), through: channel)
            people = try writePeople()
        } else {
            try TrainingCardMaker(site.preparation()).make(
                training, layoutName: madeLayout, number: number(site, serialNumber), through: channel)
            if pays { try TrainingTerminal(site.preparation()).pay(layoutName: madeLayout, through: channel) }
        }
    }

    /// Whether somebody named a place where a journal can lie.
    private var hasDataFolder: Bool { site.data != nil || site.environment("SSCARD_DATA") != nil }

    /// The training person as a people file beside the card.
    private func writePeople() throws -> String {
        let path = state + ".csv"
        let columns = TrainingCard.personWithoutNumber.sorted { $0.key < $1.key }
        let text = [columns.map(\.key), columns.map(\.value)].map { $0.joined(separator: ",") + "\n" }.joined()
        guard
            FileManager.default.createFile(
                atPath: path, contents: Data(text.utf8), attributes: [.posixPermissions: 0o600])
        else { throw Faults("training-card.people-file", ["file": path]) }
        return path
    }

    private func yes(_ site: Site, _ serialNumber: [UInt8]) throws -> [UInt8] {
        guard serialNumber.count == 6 else { throw StateFileError.serialNumber }
        let profile = try site.library.entry(layout).compiled.profile
        let card = YesCard(answerToReset: profile.answerToResetPrefix + serialNumber)
        try card.write(stateFile: state)
        return card.answerToReset
    }
}
