import ArgumentParser
import CardCryptography
import CardData
import CounterService
import Foundation
import IssuerKeys
import Issuing
import Lifecycle
import SecretEntry

/// Passphrases that are given at the start instead of lying in a file; never as an argument.
struct PassphraseOptions: ParsableArguments {
    @Option(help: "密钥库口令来源 Where the key store's passphrase comes from: ask, fd:N.") var keysPassphrase: SecretSource?
    @Option(help: "密钥日志口令来源 Where the passphrase of the key log's checkpoint key comes from: ask, fd:N.")
    var keyLogPassphrase: SecretSource?
}

extension CounterConfiguration {
    /// The counter's keys, opened; nil where none are configured.
    ///
    /// In production the development set is refused, and both passphrases
    /// have to be the site's own.
    func openKeys(_ given: PassphraseOptions, _ policy: LifecyclePolicy, _ clocks: CounterClocks) throws -> KeyRoom? {
        guard let keys else { return nil }
        let place = KeyPlace(home: try home(), papers: keys.folder, mode: policy.mode)
        let room = KeyRoom()
        try room.open(at: place) { hierarchy in
            let passphrase = try Self.passphrase(given.keysPassphrase, keys.passphrase, "密钥库 Key store", place)
            let set = try place.keySet(
                in: keys.folder,
                passphrase: passphrase ?? SecretBytes(copying: Array(DevelopmentKeySet.passphrase.utf8)), hierarchy)
            return KeyBackEnd(service: try SoftwareKeyService(set, hierarchy: hierarchy), keySet: set)
        } log: {
            var lock = CheckpointLock.development
            if let own = try Self.passphrase(given.keyLogPassphrase, keys.logPassphrase, "密钥日志 Key log", place) {
                lock = try CheckpointLock(passphrase: own, takesOpenKeys: !place.isProduction)
            }
            let folder = keys.logFolder ?? dataFolder + "/key-log"
            let log = try KeyLog.open(
                in: folder, startingIfEmpty: !place.isProduction, lock: lock, clock: clocks.wall)
            if log.keyLiesOpen { Screen.tell([Fault("key-log.key-lies-open", ["path": folder + "/checkpoint.key"])]) }
            return log
        } tell: {
            Screen.tell($0)
        }
        return room
    }

    /// A passphrase from where it was given; nil for none, which development alone may do without.
    private static func passphrase(
        _ given: SecretSource?, _ configured: KeyConfiguration.PassphrasePlace?, _ name: String, _ place: KeyPlace
    ) throws(Faults) -> SecretBytes? {
        if let given { return try given.password(of: name) }
        switch configured {
        case .file(let path): return try SecretFile.read(path)
        case .credential(let name):
            guard let folder = ProcessInfo.processInfo.environment["CREDENTIALS_DIRECTORY"], !folder.isEmpty else {
                throw Faults("counter.no-credentials", ["name": name])
            }
            return try SecretFile.read(folder + "/" + name, ofItsOwner: false)
        case nil:
            guard !place.isProduction else { throw Faults("counter.passphrase-missing", ["name": name]) }
            return nil
        }
    }
}
