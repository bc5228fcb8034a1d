import ArgumentParser
import CardData
import CardLayout
import Dispatch
import Foundation
import Synchronization
import VirtualCard

/// `sscard virtual-card run`: cards in virtual readers, one after the other from the first slot.
struct VirtualCardRunCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "run",
        abstract: "插卡 Insert a card into vpcd's reader, or several into consecutive ones, until SIGTERM pulls them.",
        discussion: """
            例 Example: sscard virtual-card run --state a.card --vpcd 127.0.0.1:35963
            例 Example: sscard virtual-card run --state a.card --state b.card --simulate-baud 115200

            一个进程，多张卡，依次插入相邻读卡器 One process holds all the cards, each in the next reader.
            """)

    @OptionGroup var site: SiteOptions
    @Option(help: "卡片配置 COS profile, for a card without a state file.") var profile: String?
    @Option(help: "状态文件 The card's state file; repeated, each card goes into the next slot.") var state: [String] = []
    @Option(help: "虚拟读卡器地址 The first reader's address.") var vpcd = "127.0.0.1:35963"
    @Option(help: "固定随机数种子，仅供测速 Repeat the challenges of a seed; for benchmarks only.") var seed: UInt64?
    @Option(
        help: """
            模拟实体卡耗时 Take the time of a real card on a line of so many bits a second, such as 9600 or 115200; without it that of the \
            state file, where it states one.
            """)
    var simulateBaud: Int?
    @Option(help: "模拟写存储器耗时（毫秒）Simulated milliseconds of a memory write; 16 unless given, with --simulate-baud.")
    var eepromWriteMs: Int?

    func validate() throws {
        guard profile == nil || state.isEmpty else {
            throw ValidationError("--profile 与 --state 只能用一个 · --profile or --state, not both")
        }
        if eepromWriteMs != nil, simulateBaud == nil {
            throw ValidationError("--eeprom-write-ms 须与 --simulate-baud 同用 · --eeprom-write-ms needs --simulate-baud")
        }
        if simulateBaud != nil, timing() == nil {
            throw ValidationError(
                "--simulate-baud 至少为 1，--eeprom-write-ms 至少为 0 · --simulate-baud takes 1 or more, --eeprom-write-ms 0 or more"
            )
        }
    }

    func run() throws {
        let slots = try slots()
        SignalPipe.open()
        let listening = SignalPipe.listen { slots.forEach { $0.connection.stop() } }
        defer { SignalPipe.close(listening) }
        let failure = Mutex<(any Error)?>(nil)
        let running = DispatchGroup()
        for slot in slots {
            running.enter()
            Thread {
                defer { running.leave() }
                do {
                    try slot.run()
                } catch {
                    failure.withLock { $0 = $0 ?? error }
                    // A rack with a card missing is not what was asked for.
                    slots.forEach { $0.connection.stop() }
                }
            }.start()
        }
        running.wait()
        if let error = failure.withLock({ $0 }) { throw error }
    }

    private func timing() -> CardTiming? {
        simulateBaud.flatMap { CardTiming(baudRate: $0, memoryWrite: .milliseconds(eepromWriteMs ?? 16)) }
    }

    /// One slot for each state file, or one for a card that is kept in no file.
    private func slots() throws -> [Slot] {
        let (library, timing) = (try site.library(), timing())
        let (host, port) = try address()
        let files = state.isEmpty ? [nil] : state.map(Optional.some)
        guard files.count - 1 <= Int(UInt16.max - port) else { throw Faults("tool.address", ["address": vpcd]) }
        return try files.enumerated().map { index, file in
            let port = port + UInt16(index)
            return Slot(
                place: "\(host):\(port)", connection: try VirtualReaderConnection(host: host, port: port),
                library: library, stateFile: file, profileName: profile ?? "fmcos-ssse", seed: seed, timing: timing)
        }
    }

    private func address() throws -> (String, UInt16) {
        let parts = vpcd.split(separator: ":")
        guard parts.count == 2, let port = UInt16(parts[1]) else {
            throw Faults("tool.address", ["address": vpcd])
        }
        return (String(parts[0]), port)
    }
}

/// A virtual reader slot and what belongs into it; the card lives on the thread that runs it.
private struct Slot: Sendable {
    let place: String
    let connection: VirtualReaderConnection
    let library: LayoutLibrary
    let stateFile: String?
    let profileName: String
    let seed: UInt64?
    let timing: CardTiming?

    /// Inserts the card, and returns when it is out again.
    func run() throws {
        let lock = try stateFile.map { path throws(StateFileError) in try StateFileLock(stateFile: path) }
        defer { withExtendedLifetime(lock) {} }
        let card = try card()
        let timing = try timing ?? stateFile.flatMap { try CardTiming(stateFile: $0) }
        let inserted: any VirtualReaderCard = timing.map { TimedCard(card, timing: $0) } ?? card
        let end = try connection.serve(
            inserted, whenKeptWaiting: { Terminal.tell([Fault("virtual-reader.taken", ["place": place])]) }
        ) {
            Terminal.tell("已插卡 card in reader \(place); Ctrl-C 或 SIGTERM 拔卡 pulls it")
            // nobody reads what becomes of the card
            if Terminal.hasLostReader { connection.stop() }
        }
        card.powerOff()
        Terminal.tell(end == .stopped ? "已拔卡 card pulled" : "读卡器已关闭 the reader closed the connection")
    }

    private func card() throws -> any VirtualReaderCard {
        let source = seed.map(ChallengeSource.seeded) ?? .random
        if let stateFile {
            if let other = try YesCard(stateFile: stateFile) { return other }
            let domainCard = try GlobalPlatformCard(stateFile: stateFile, challenges: source) {
                try library.globalPlatformProfile(named: $0)
            }
            if let domainCard { return domainCard }
            let module = try VirtualPSAM.open(stateFile: stateFile, challenges: source) {
                try library.psamProfile(named: $0)
            }
            return try module
                ?? VirtualCard.open(stateFile: stateFile, challenges: source) { try library.profile(named: $0) }
        }
        let profile = try library.profile(named: profileName)
        let serialNumber: [UInt8] = [0x99, 0x01, 0x00, 0x00, 0x00, 0x00]
        if let domain = profile.globalPlatform {
            return try GlobalPlatformCard(blank: domain, serialNumber: serialNumber, challenges: source)
        }
        return try VirtualCard(profile: profile, serialNumber: serialNumber, challenges: source)
    }
}
