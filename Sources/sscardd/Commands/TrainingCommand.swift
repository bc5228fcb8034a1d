import ArgumentParser
import CardData
import CardLayout
import CounterService
import Foundation
import Issuing
import Lifecycle
import Logging
import Registry

/// `sscardd training`: a counter for practice.
struct TrainingCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "training",
        abstract: "培训 Serve a counter for practice: virtual cards, invented people, a folder of its own.",
        discussion: """
            例 Example: Scripts/training          it brings virtual readers and calls sscardd training

            数据目录带有培训标记，与实际业务互不相通。The folder is marked; a real counter refuses it, and practice refuses a real one.
            """)
    @Option(help: "培训目录 The folder of everything: configuration, data, cards.") var folder = "counter-training"
    @Option(help: "监听地址 Address of this machine.") var listen = "127.0.0.1:8090"
    @Option(help: "虚拟读卡器个数 How many virtual readers there are.") var readers = 2
    @Option(help: "卡盒中的卡数 How many cards the box has at least.") var cards = 4
    @Option(help: "人员文件 The invented people; the home's Fixtures/people.csv unless given.") var people: String?

    func validate() throws {
        guard (1...16).contains(readers), (1...200).contains(cards) else {
            throw ValidationError("--readers 为 1 至 16，--cards 为 1 至 200 · --readers takes 1 to 16, --cards 1 to 200")
        }
    }

    func run() async throws {
        let configuration = try configuration()
        let clocks = CounterClocks.machine
        LoggingSystem.bootstrap { LineLogHandler(label: $0) }
        let library = try CardLibrary(home: configuration.home())
        let box = try CardBox(folder: folder + "/cards", library: library.files, slotCount: readers)
        try box.fill(to: cards)
        let operators = OperatorRegister(dataFolder: configuration.dataFolder)
        try TrainingOperators.add(to: operators)
        let registry = try configuration.registry(clocks)
        if try registry.log(limit: 1).isEmpty { try takeInPeople(registry, library, configuration) }
        // at each start: blanks that were added, or that a start which was broken off has left, belong to somebody too
        try TrainingStock.supply(registry, from: box)
        let keys = try configuration.openKeys(PassphraseOptions.parse([]), registry.policy, clocks)
        let service = try await CounterService(
            configuration: configuration, registry: registry, operators: operators,
            library: library, keys: keys, clocks: clocks, logger: Logger(label: "training"), box: box)
        try await service.run { port in
            Screen.say("培训柜面 training counter: \(configuration.address(port: port))")
        }
        try keys?.close()
    }

    /// The folder's configuration and policy, written on its first use; where to listen and the development keys are
    /// said anew each time.
    private func configuration() throws -> CounterConfiguration {
        let file = folder + "/counter.yaml"
        if !FileManager.default.fileExists(atPath: file) {
            try RegistryUse.training.claim(folder: folder + "/data")
            // A day of practice closes from chips, as a real one does.
            let policy = "version: training-1\nstock-book: true\n"
            try Data(policy.utf8).write(to: URL(filePath: folder + "/policy.yaml"), options: .atomic)
            let text = "office: 培训网点\ncounter: 9999\ndata: data\npolicy: policy.yaml\ntraining: true\n"
            try Data(text.utf8).write(to: URL(filePath: file), options: .atomic)
        }
        guard let text = try? String(contentsOfFile: file, encoding: .utf8) else {
            throw RegistryError.directory(folder, reason: "counter.yaml")
        }
        func read(_ more: String) throws(Faults) -> CounterConfiguration {
            try CounterConfiguration.parse(
                text + "\nlisten: \(listen)\n" + more, file: file, folder: URL(filePath: folder).absoluteURL.path)
        }
        var configuration = try read("")
        if configuration.keys == nil {
            let home = URL(filePath: try configuration.home()).absoluteURL.path
            configuration = try read("keys: \(home)/Keys/development\n")
        }
        guard configuration.isTraining else { throw RegistryError.notTrainingFolder(folder) }
        try RegistryUse.training.claim(folder: configuration.dataFolder)
        return configuration
    }

    /// The invented people.
    private func takeInPeople(_ registry: Registry, _ library: CardLibrary, _ configuration: CounterConfiguration)
        throws
    {
        let home = try configuration.home()
        let others = try library.entry("national-2.0").encoder.valueNames
        let file = try MappedFile(
            people ?? home + "/Fixtures/people.csv", by: .plain(.persons, passingOver: Array(others)), for: .persons)
        let today = try CardDate(Date.now.formatted(.iso8601.year().month().day().dateSeparator(.omitted)))
        let intake = PersonIntake(
            file, areas: library.areas, today: today, mode: .training, validityYears: registry.policy.validityYears)
        let handling = Handling(by: Officer(number: 1001, role: .teller))
        _ = try intake.register(in: registry, batch: nil, handledBy: handling)
    }
}
