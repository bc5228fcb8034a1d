import ArgumentParser
import CardCryptography
import CardData
import CounterService
import Foundation
import Issuing
import Lifecycle
import Registry

/// The one configuration file of a counter.
struct ConfigurationOptions: ParsableArguments {
    @Option(help: "配置文件 The counter's configuration file (or SSCARD_COUNTER; default counter.yaml).")
    var config: String?

    var path: String {
        config ?? ProcessInfo.processInfo.environment["SSCARD_COUNTER"].flatMap { $0.isEmpty ? nil : $0 }
            ?? "counter.yaml"
    }

    /// The configuration; a data folder that is for another use is refused before anything in it is looked at.
    func load() throws -> CounterConfiguration {
        let configuration = try CounterConfiguration.load(path)
        try configuration.use.claim(folder: configuration.dataFolder)
        return configuration
    }
}

extension CounterConfiguration {
    /// The folder that holds `CardLayouts/`: the configured one, `SSCARD_HOME`, else the nearest one above the program.
    func home() throws(Faults) -> String { try ProgramHome.folder(homeFolder) }

    /// The layouts and code tables that the home brings.
    func library() throws(Faults) -> CardLibrary { try CardLibrary(home: home()) }

    /// The policy: the site's, signed by its city where it has a key for that, as production must have; else the built-in one.
    func policy() throws(Faults) -> LifecyclePolicy {
        let installed = try home() + "/Keys/policy.pub"
        guard let path = policyKeyFile ?? (FileManager.default.fileExists(atPath: installed) ? installed : nil) else {
            return try LifecyclePolicy.load(site: policyFile)
        }
        guard let data = FileManager.default.contents(atPath: path),
            let key = try? SM2.VerificationKey(der: Array(data))
        else { throw Faults("tool.key-file", ["file": path]) }
        return try LifecyclePolicy.load(site: policyFile, cityKey: key)
    }

    /// What the data folder is for.
    var use: RegistryUse { isTraining ? .training : .service }

    /// The registry, made when it is not there; this process is its only user from now on.
    func registry(_ clocks: CounterClocks) throws -> Registry {
        let policy = try policy()
        guard !isTraining || policy.mode == .development else { throw Faults("training.production") }
        return try Registry.open(
            at: dataFolder, counter: counter, policy: policy, use: use, clock: clocks.wall,
            clockError: clocks.wallError)
    }
}

extension CounterClocks {
    /// The machine's clocks.
    static var machine: CounterClocks {
        let start = ContinuousClock.now
        return CounterClocks {
            UInt64(Date().timeIntervalSince1970 * 1000)
        } steady: {
            let elapsed = ContinuousClock.now - start
            return UInt64(elapsed.components.seconds) * 1000
                + UInt64(elapsed.components.attoseconds / 1_000_000_000_000_000)
        } wallError: {
            KernelClock.errorMilliseconds
        }
    }
}
