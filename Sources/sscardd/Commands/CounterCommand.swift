import ArgumentParser
import CardData
import CounterService
import Foundation
import Issuing
import Logging
import Registry

/// `sscardd counter`: the windows of one counter.
struct CounterCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "counter", abstract: "柜面服务 Serve the counter's windows to browsers.",
        discussion: """
            例 Example: sscardd counter --config counter.yaml

            SIGTERM 或 Ctrl-C：办完手头业务后停止。SIGTERM or Ctrl-C finish the acts in hand, then stop. A JSON line a request goes to
            standard error; nothing in it names a person. SIGHUP 重新读取 TLS 证书。SIGHUP reads the certificate of TLS again.
            """)
    @OptionGroup var options: ConfigurationOptions
    @OptionGroup var passphrases: PassphraseOptions

    func run() async throws {
        let configuration = try options.load()
        let clocks = CounterClocks.machine
        LoggingSystem.bootstrap { LineLogHandler(label: $0) }
        let logger = Logger(label: "counter")
        let registry = try configuration.registry(clocks)
        let keys = try configuration.openKeys(passphrases, registry.policy, clocks)
        let operators = OperatorRegister(dataFolder: configuration.dataFolder)
        // Operators are added while it runs, too; until then nobody can log in.
        if try operators.all().isEmpty { Screen.tell([Fault("counter.no-operator")]) }
        let service = try await CounterService(
            configuration: configuration, registry: registry, operators: operators,
            library: try configuration.library(), keys: keys, clocks: clocks, logger: logger)
        try await service.run { port in
            // The one line on standard output: who started it knows now where to go.
            Screen.say("柜面服务 counter service: \(configuration.address(port: port))")
        }
        // What was used stands in the key log, which is ended and signed with the service.
        try keys?.close()
    }
}
