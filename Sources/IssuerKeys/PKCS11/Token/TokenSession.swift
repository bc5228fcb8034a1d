import CPKCS11
import CardCryptography

/// One thread's session with a token, and the derived keys it keeps for the next command of the same card.
///
/// A lost device is opened again, the keys are found again, and the operation is done once more: an operation on a key changes
/// nothing, neither in the token nor in a card.
final class TokenSession {
    /// Derived keys that are kept: those of a card's directories and of its city.
    private static let keptLimit = 64

    /// A derived key in the session.
    private struct Derived: Hashable {
        let path: TokenKeyPath
        /// Whether other keys are derived from it; a card's own key never is, but for its session keys.
        let isParent: Bool
    }

    let device: TokenDevice
    var module: PKCS11Module { device.module }
    private var generation: UInt64 = 0
    private(set) var handle: CK_SESSION_HANDLE = 0
    private var opened = TokenDevice.Opened()
    private var kept: [Derived: CK_OBJECT_HANDLE] = [:]
    private var order: [Derived] = []

    init(_ device: TokenDevice) { self.device = device }

    /// What the token holds.
    func description() throws(TokenFailure) -> TokenDescription {
        guard let description = device.current.description else { throw .notLoaded("") }
        return description
    }

    /// Runs an operation; when the device is lost on the way, once more with everything opened anew.
    func perform<Value: ~Copyable>(_ body: () throws(TokenFailure) -> Value) throws(TokenFailure) -> Value {
        do throws(TokenFailure) {
            try attach()
            return try body()
        } catch {
            guard error.isDeviceLoss else { throw error }
            try device.reopen(after: generation)
        }
        try attach()
        do throws(TokenFailure) {
            return try body()
        } catch {
            throw error.isDeviceLoss ? .lost("\(error)") : error
        }
    }

    private func attach() throws(TokenFailure) {
        let current = device.current
        guard generation != current.generation else { return }
        kept.removeAll()
        order.removeAll()
        if generation > 0 { _ = try? module.call("C_CloseSession") { $0.C_CloseSession?(handle) } }
        handle = try module.openSession(current.slot, isWriting: false)
        opened = current
        generation = current.generation
    }

    // MARK: - Keys

    /// The handle of a key, derived inside the token unless it is kept.
    func key(_ path: TokenKeyPath, isParent: Bool = false) throws(TokenFailure) -> CK_OBJECT_HANDLE {
        guard let parent = path.parent, let step = path.steps.last else {
            return try device.master(path.master)
        }
        let derived = Derived(path: path, isParent: isParent)
        if let handle = kept[derived] {
            touch(derived)
            return handle
        }
        // a city's master enciphers factors only where card keys may leave the token
        let isCardMaking = opened.description?.purpose == .cardMaking
        let template = AttributeTemplate.secretKey(CK_KEY_TYPE(CKK_DES2), onToken: false).adding(CKA_DERIVE, true)
            .adding(CKA_ENCRYPT, !isParent || isCardMaking).adding(CKA_DECRYPT, !isParent)
        let key = try module.derive(
            from: try self.key(parent, isParent: true), data: step.block, template, in: handle)
        keep(derived, key)
        return key
    }

    private func touch(_ derived: Derived) {
        guard order.last != derived, let index = order.firstIndex(of: derived) else { return }
        order.remove(at: index)
        order.append(derived)
    }

    private func keep(_ derived: Derived, _ key: CK_OBJECT_HANDLE) {
        if order.count >= Self.keptLimit, let oldest = order.first {
            order.removeFirst()
            if let handle = kept.removeValue(forKey: oldest) { module.destroy(handle, in: self.handle) }
        }
        kept[derived] = key
        order.append(derived)
    }
}

extension TokenKeyPath.Step {
    /// What is enciphered under the level above.
    var block: [16 of UInt8] {
        switch form {
        case .whole: factor.block
        case .left:
            unsafeBitCast((factor.value.bigEndian, factor.value.bigEndian), to: [16 of UInt8].self)
        }
    }
}
