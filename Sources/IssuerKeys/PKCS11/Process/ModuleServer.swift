import CardCryptography
import Foundation
import Glibc
import Synchronization

/// The module's process: opens the PKCS#11 module, answers requests on its channels, and ends when the program that started it
/// lets go of the first one.
///
/// Nothing of the module ever runs anywhere else: when it crashes, this process ends, and the program says that the device is lost.
public enum ModuleServer {
    /// The first channel's descriptor; the others follow.
    public static let firstChannel: Int32 = 3

    /// Serves so many channels, each on a thread with a session of its own, until the first is closed.
    public static func serve(channels: Int) {
        // who stops the service stops all its processes; the program lets go of the first channel when its last card is done
        signal(SIGTERM, SIG_IGN)
        let state = ModuleState()
        for index in 1..<max(channels, 1) {
            Thread.detachNewThread { ModuleConversation(state).run(on: firstChannel + Int32(index)) }
        }
        ModuleConversation(state).run(on: firstChannel)
    }
}

/// What the threads of the module's process share.
final class ModuleState: Sendable {
    /// The module and, once it is open, the token.
    private let opened = Mutex<(path: String, module: PKCS11Module)?>(nil)
    private let device = Mutex<TokenDevice?>(nil)
    let prepared = PreparedKeys()

    /// The module at a path; a process has one.
    func module(_ path: String) throws(TokenFailure) -> PKCS11Module {
        try opened.withLock { opened throws(TokenFailure) in
            if let opened {
                guard opened.path == path else { throw .malformedMessage }
                return opened.module
            }
            let module = try PKCS11Module(path: path)
            opened = (path, module)
            return module
        }
    }

    func open(
        _ module: PKCS11Module, label: String, pin: HeldKey, spendsLastTry: Bool
    ) throws(TokenFailure) -> TokenDevice {
        try device.withLock { device throws(TokenFailure) in
            let opened = try TokenDevice(module, label: label, pin: pin, spendsLastTry: spendsLastTry)
            device = opened
            return opened
        }
    }

    /// The token; refuses before there is one.
    func openDevice() throws(TokenFailure) -> TokenDevice {
        guard let device = device.withLock({ $0 }) else { throw .notLoaded("") }
        return device
    }
}

/// Card keys that were derived in advance, many in one call of the token.
final class PreparedKeys: Sendable {
    /// So many keys of 16 bytes are kept, then the oldest masters' are let go.
    static let limit = 1 << 16

    private let keys = Mutex<[TokenKeyPath: [DiversificationFactor: HeldKey]]>([:])

    func keep(_ path: TokenKeyPath, factors: [DiversificationFactor], _ derived: borrowing SecretBytes) {
        var made: [DiversificationFactor: HeldKey] = [:]
        derived.withSpan { span in
            for index in factors.indices {
                made[factors[index]] = HeldKey(SecretBytes(copying: span.extracting(16 * index..<16 * index + 16)))
            }
        }
        keys.withLock { keys in
            if keys.values.reduce(0, { $0 + $1.count }) + made.count > Self.limit { keys.removeAll() }
            keys[path, default: [:]].merge(made) { $1 }
        }
    }

    /// The key of a card; it is let go, for it is written into a card once.
    func take(_ path: TokenKeyPath) -> HeldKey? {
        guard let parent = path.parent, let step = path.steps.last, step.form == .whole else { return nil }
        return keys.withLock { $0[parent]?.removeValue(forKey: step.factor) }
    }
}
