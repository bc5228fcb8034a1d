import ArgumentParser
import ByteText
import CardData
import CardLayout
import Dispatch
import Glibc
import VirtualCard

/// `sscard virtual-card`: cards without plastic.
struct VirtualCardCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "virtual-card", abstract: "虚拟卡 Make virtual cards and put them into a virtual reader.",
        discussion: "例 Example: sscard virtual-card run --state a.card",
        subcommands: [New.self, VirtualCardImageCommand.self, Run.self])

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
            let profile = try site.library().profile(named: profile)
            try VirtualCard.makeBlank(profile: profile, serialNumber: serialNumber, stateFile: state)
            let bytes = profile.answerToResetPrefix + serialNumber
            if json {
                return try Terminal.say(
                    json: Report(state: state, profile: profile.name, answerToReset: bytes.hexadecimal))
            }
            Terminal.say("空白卡 blank card \(state)  ATR \(bytes.hexadecimal)")
        }
    }

    struct Run: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "插卡 Insert a card into vpcd's reader until SIGTERM pulls it.",
            discussion: "例 Example: sscard virtual-card run --state a.card --vpcd 127.0.0.1:35963")

        @OptionGroup var site: SiteOptions
        @Option(help: "卡片配置 COS profile, for a card without a state file.") var profile: String?
        @Option(help: "状态文件 The card's state file.") var state: String?
        @Option(help: "虚拟读卡器地址 The reader's address.") var vpcd = "127.0.0.1:35963"
        @Option(help: "固定随机数种子，仅供测速 Repeat the challenges of a seed; for benchmarks only.") var seed: UInt64?

        func run() throws {
            let library = try site.library()
            let source = seed.map(ChallengeSource.seeded) ?? .random
            let card: any VirtualReaderCard
            if let state {
                card =
                    try YesCard(stateFile: state)
                    ?? VirtualCard.open(stateFile: state, challenges: source) { try library.profile(named: $0) }
            } else {
                card = try VirtualCard(
                    profile: library.profile(named: profile ?? "fmcos-ssse"),
                    serialNumber: [0x99, 0x01, 0x00, 0x00, 0x00, 0x00], challenges: source)
            }
            let (host, port) = try address()
            let connection = try VirtualReaderConnection(host: host, port: port)
            let signals = [SIGTERM, SIGINT].map { number in
                signal(number, SIG_IGN)
                let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
                source.setEventHandler { connection.stop() }
                source.resume()
                return source
            }
            defer { signals.forEach { $0.cancel() } }
            let end = try connection.serve(card) {
                Terminal.tell("已插卡 card in reader \(vpcd); Ctrl-C 或 SIGTERM 拔卡 pulls it")
            }
            card.powerOff()
            Terminal.tell(end == .stopped ? "已拔卡 card pulled" : "读卡器已关闭 the reader closed the connection")
        }

        private func address() throws -> (String, UInt16) {
            let parts = vpcd.split(separator: ":")
            guard parts.count == 2, let port = UInt16(parts[1]) else {
                throw Faults("tool.address", ["address": vpcd])
            }
            return (String(parts[0]), port)
        }
    }
}
