import ArgumentParser
import CardCryptography
import CardData
import CounterService
import Foundation
import IssuerKeys
import Issuing
import Lifecycle
import RemoteKeyService
import SecretEntry
import SmartCardReader

/// Passphrases that are given at the start instead of lying in a file; never as an argument.
struct PassphraseOptions: ParsableArguments {
    @Option(
        help: """
            密钥口令来源 Where what opens the keys comes from: the store's passphrase, the token's user PIN, or what seals the \
            private key for the gateway; ask, fd:N.
            """)
    var keysPassphrase: SecretSource?
    @Option(help: "密钥日志口令来源 Where the passphrase of the key log's checkpoint key comes from: ask, fd:N.")
    var keyLogPassphrase: SecretSource?
}

extension CounterConfiguration {
    /// The counter's keys, opened; nil where none are configured.
    ///
    /// In production the development set is refused, and passphrases have to be the site's own.
    ///
    /// - Parameter greeted: told when the certificate of a gateway ends, YYYYMMDDHHMMSS, as far as it tells; a service that starts greets
    ///   none, and leaves that to the first card.
    func openKeys(
        _ given: PassphraseOptions, _ policy: LifecyclePolicy, _ clocks: CounterClocks,
        greeted: ((String?) -> Void)? = nil
    ) throws -> KeyRoom? {
        guard let keys else { return nil }
        let papers = keys.papersFolder(dataFolder: dataFolder)
        let place = KeyPlace(home: try home(), papers: papers, mode: policy.mode)
        let room = KeyRoom()
        try room.open(at: place) { hierarchy in
            try backEnd(keys, given, place, hierarchy, greeted)
        } log: {
            var lock = CheckpointLock.development
            if let own = try Self.passphrase(
                given.keyLogPassphrase, keys.logPassphrase, of: Self.logName)
            {
                lock = try CheckpointLock(passphrase: own, takesOpenKeys: !place.isProduction)
            } else if place.isProduction {
                throw Faults("counter.passphrase-missing", ["name": Self.logName])
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

    /// The keys where the configuration says that they are.
    private func backEnd(
        _ keys: KeyConfiguration, _ given: PassphraseOptions, _ place: KeyPlace, _ hierarchy: KeyHierarchy,
        _ greeted: ((String?) -> Void)?
    ) throws -> KeyBackEnd {
        switch keys.place {
        case .store(let folder):
            var passphrase = SecretBytes(copying: Array(DevelopmentKeySet.passphrase.utf8))
            if let own = try Self.passphrase(given.keysPassphrase, keys.passphrase, of: Self.storeName) {
                passphrase = own
            } else if place.isProduction {
                throw Faults("counter.passphrase-missing", ["name": Self.storeName])
            }
            let set = try place.keySet(in: folder, passphrase: passphrase, hierarchy)
            return KeyBackEnd(service: try SoftwareKeyService(set, hierarchy: hierarchy), keySet: set)
        case .token(let location):
            try Token.look(for: location, launcher: .ownProgram)
            guard let pin = try Self.passphrase(given.keysPassphrase, keys.passphrase, of: "令牌 Token") else {
                throw Faults("counter.token-pin")
            }
            let token = try Token(location, pin: pin, launcher: .ownProgram)
            return KeyBackEnd(service: try place.tokenKeys(token, hierarchy))
        case .module(let slot):
            return try .module(inSlot: slot, library: library().files, hierarchy: hierarchy) { Screen.tell($0.faults) }
        case .gateway(let file):
            let passphrase = try Self.passphrase(
                given.keysPassphrase, keys.passphrase, of: "私钥 Private key")
            let service = try RemoteKeyService(
                file: file, passphrase: passphrase ?? SecretBytes(copying: []), hierarchy: hierarchy)
            if let greeted { greeted(try service.greet()) }
            return KeyBackEnd(service: service)
        }
    }

    private static let storeName = "密钥库 Key store"
    private static let logName = "密钥日志 Key log"

    /// A passphrase from where it was given; nil for none.
    private static func passphrase(
        _ given: SecretSource?, _ configured: KeyConfiguration.PassphrasePlace?, of name: String
    ) throws(Faults) -> SecretBytes? {
        if let given { return try given.password(of: name) }
        switch configured {
        case .file(let path): return try SecretFile.read(path)
        case .credential(let name):
            guard let folder = ProcessInfo.processInfo.environment["CREDENTIALS_DIRECTORY"], !folder.isEmpty else {
                throw Faults("counter.no-credentials", ["name": name])
            }
            return try SecretFile.read(folder + "/" + name, ofItsOwner: false)
        case nil: return nil
        }
    }
}

extension RemoteKeyService {
    /// A service over the gateway that a file of settings names.
    init(
        file: String, passphrase: borrowing SecretBytes, hierarchy: KeyHierarchy
    ) throws {
        let settings = try GatewaySettings.read(file)
        let credentials = try GatewayCredentials(
            authorities: settings.authorities, certificate: settings.certificate, privateKey: settings.privateKey,
            passphrase: passphrase)
        self.init(settings, as: credentials, hierarchy: hierarchy)
    }
}
