import ArgumentParser
import CardApplication
import CardCryptography
import CardData
import CardLayout
import ISO7816
import IssuerKeys
import Issuing
import Lifecycle
import SmartCardReader

/// `sscard card read`: what the holder sees of a card.
struct ReadCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "read", abstract: "读卡 Read the identity data of a card (SSSE).",
        discussion: "例 Example: sscard card read --json")

    @OptionGroup var reading: ReadingOptions

    func run() async throws { try await reading.run(directories: ["SSSE"]) }
}

/// `sscard card dump`: everything the presented keys and PIN open.
struct DumpCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "dump", abstract: "全卡读出 Read every file of a card that keys and PIN open.",
        discussion: "例 Example: sscard card dump --json --pin ask")

    @OptionGroup var reading: ReadingOptions

    func run() async throws { try await reading.run(directories: nil) }
}

/// How a card is read.
struct ReadingOptions: ParsableArguments {
    @OptionGroup var site: SiteOptions
    @Option(help: "读卡器 Reader; the only one with a card when none is named.") var reader: String?
    @Option(help: "布局 Layout; by the card's answer to reset when none is named.") var layout: String?
    @Option(help: "出示密码 Present the PIN: ask or fd:N.") var pin: PINSource?
    @OptionGroup var officers: OfficerOptions
    @OptionGroup var lastTry: LastTryOptions
    @Flag(help: "不出示读密钥 Read only what is open without keys.") var withoutKeys = false
    @Flag(help: "在标准错误上显示指令，隐去机密和个人数据 Show the commands on standard error, secrets and personal data masked.")
    var trace = false
    @Flag(help: "输出 JSON.") var json = false

    func run(directories: Set<String>?) async throws {
        let site = try Site(site)
        let keys = try site.keys()
        let visits = try site.visits(lastTry: try lastTry.permission(officers))
        let pin = try pin?.presentedPIN()
        let reader = SmartCardReader(try ReaderList.reader(named: reader).name)
        let content = try await reader.withCard { channel in
            guard trace else { return try read(channel, site, keys, visits, pin, directories) }
            let tracing = TracingChannel(channel)
            defer { Terminal.tell(tracing.trace.description) }
            return try read(tracing, site, keys, visits, pin, directories)
        }
        if json { try Terminal.say(json: content) } else { print(content) }
        for warning in content.warnings {
            Terminal.tell(MessageCatalogue.standard.text(for: warning, language: .chinese).what)
        }
    }

    private func read(
        _ channel: any CardChannel, _ site: Site, _ keys: any CardKeyService, _ visits: VisitPolicy,
        _ pin: PersonalIdentificationNumber?, _ directories: Set<String>?
    ) throws -> CardContent {
        let compiled = try site.card(named: layout, answering: channel.answerToReset.bytes)
        guard let context = CardKeyContext(channel.answerToReset, profile: compiled.profile, area: site.policy.area)
        else { throw Faults("card.no-identity") }
        let conversation = CardConversation(
            ReadOnlyChannel(channel), profile: compiled.profile, keys: keys, context: context, pin: pin,
            visit: try visits.visit(of: channel.answerToReset))
        let readings = try conversation.explaining(of: compiled.layout) {
            try CardReader(
                conversation, compiled, presentsKeys: !withoutKeys, pinLength: pin.map { ($0.count + 1) / 2 }
            ).read(directories: directories) { Terminal.progress("\($0.directory)/\($0.file)") }
        }
        Terminal.endProgress()
        guard !readings.isEmpty else { throw Faults("card.not-personalized") }
        var raw: [String: [String: CardContent.RawFile]] = [:]
        for reading in readings {
            switch reading.outcome {
            case .records(let records): raw[reading.directory, default: [:]][reading.file] = .records(records)
            case .bytes(let bytes): raw[reading.directory, default: [:]][reading.file] = .bytes(bytes)
            case .refused(let statusWord):
                let fault = Fault(
                    "card.file-refused",
                    ["file": "\(reading.directory)/\(reading.file)", "statusWord": statusWord.description])
                Terminal.tell(MessageCatalogue.standard.text(for: fault, language: .chinese).what)
                Terminal.tell("    " + MessageCatalogue.standard.text(for: fault, language: .english).what)
            case .notOpen, .absent, .neverWritten: break
            }
        }
        return CardContent(raw, layout: compiled.layout)
    }

    private func print(_ content: CardContent) {
        var table = Table("目录 DF", "文件 EF", "数据项 Element", "值 Value")
        for directory in content.directories {
            for file in directory.files {
                switch file.content {
                case .elements(let values):
                    for value in values {
                        table.add(directory.name, file.name, value.title, value.value.text)
                    }
                case .rows(let rows):
                    for row in rows {
                        let text = row.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
                        table.add(directory.name, file.name, file.title, text.joined(separator: "; "))
                    }
                case .bytes(let bytes):
                    table.add(directory.name, file.name, file.title, "\(bytes.count) bytes")
                }
            }
        }
        Terminal.say(table.text)
    }
}
