import CPKCS11
import CardCryptography
import Synchronization

/// One token of a module, logged in: its masters found once, each copied into the session at its first use, where it is used
/// twice as fast.
///
/// Belongs to the module's process. Every thread has a ``TokenSession`` of its own over it.
final class TokenDevice: Sendable {
    /// What is open now, until the device is lost.
    struct Opened {
        /// Counts the openings; handles of an earlier one mean nothing.
        var generation: UInt64 = 0
        var slot: CK_SLOT_ID = 0
        /// The session that is logged in and owns the copies.
        var session: CK_SESSION_HANDLE = 0
        /// The masters on the token.
        var masters: [String: CK_OBJECT_HANDLE] = [:]
        /// Their copies in the session.
        var copies: [String: CK_OBJECT_HANDLE] = [:]
        var description: TokenDescription?
    }

    /// The application and label of the object that describes the key set; the prefix of the identifiers of its keys.
    static let application = "sscard"

    let module: PKCS11Module
    private let label: String
    /// Kept to log in again after the device was lost; it was right once, and is presented once each time.
    private let pin: HeldKey
    private let opened: Mutex<Opened>
    /// Set when the token refused the PIN: it is never presented again.
    private let isPINSpent = Mutex(false)

    /// Opens a token by its label and logs in with the user's PIN, once.
    ///
    /// - Parameter spendsLastTry: whether two officers let the PIN's last try be spent; after a loss of the device it is not.
    init(
        _ module: PKCS11Module, label: String, pin: HeldKey, spendsLastTry: Bool = false
    ) throws(TokenFailure) {
        self.module = module
        self.label = label
        self.pin = pin
        opened = Mutex(Opened())
        try opened.withLock { opened throws(TokenFailure) in try open(&opened, spendsLastTry: spendsLastTry) }
    }

    /// What is open now.
    var current: Opened { opened.withLock { $0 } }

    /// A master that is used, by its label.
    func master(_ label: String) throws(TokenFailure) -> CK_OBJECT_HANDLE {
        try opened.withLock { opened throws(TokenFailure) in
            if let copy = opened.copies[label] { return copy }
            guard let master = opened.masters[label] else { throw .notLoaded(label) }
            let copy: CK_OBJECT_HANDLE
            do throws(TokenFailure) {
                copy = try module.sessionCopy(of: master, in: opened.session)
            } catch {
                // a token that lets nothing be copied is slower and as good
                guard !error.isDeviceLoss else { throw error }
                copy = master
            }
            opened.copies[label] = copy
            return copy
        }
    }

    /// Opens everything again after a loss, unless another thread has done so since `generation`.
    func reopen(after generation: UInt64) throws(TokenFailure) {
        try opened.withLock { opened throws(TokenFailure) in
            guard opened.generation == generation else { return }
            _ = try? module.call("C_CloseAllSessions") { $0.C_CloseAllSessions?(opened.slot) }
            do throws(TokenFailure) {
                try open(&opened)
            } catch {
                // without its token the service is of no use, and says so instead of the number of a call
                throw [.wrongPIN, .lockedPIN, .lastPINTry].contains(error) ? error : .lost("\(error)")
            }
        }
    }

    /// Finds the key set anew, after it was loaded.
    func refresh() throws(TokenFailure) {
        try opened.withLock { opened throws(TokenFailure) in
            try find(&opened)
            opened.generation += 1
        }
    }

    private func open(_ opened: inout Opened, spendsLastTry: Bool = false) throws(TokenFailure) {
        let token = try module.token(label)
        try token.checkUserPIN(spendsLastTry: spendsLastTry)
        opened.slot = token.slot
        opened.session = try module.openSession(opened.slot, isWriting: true)
        try logIn(opened.session)
        try find(&opened)
        opened.generation += 1
    }

    private func logIn(_ session: CK_SESSION_HANDLE) throws(TokenFailure) {
        guard isPINSpent.withLock({ !$0 }) else { throw .wrongPIN }
        do throws(TokenFailure) {
            try module.logIn(session, as: CK_USER_TYPE(CKU_USER), pin: pin)
        } catch {
            guard error != .failed("C_Login", CKR_USER_ALREADY_LOGGED_IN) else { return }
            if [.wrongPIN, .lockedPIN, .refusedPIN].contains(error) { isPINSpent.withLock { $0 = true } }
            throw error
        }
    }

    private func find(_ opened: inout Opened) throws(TokenFailure) {
        opened.masters = [:]
        opened.copies = [:]
        opened.description = nil
        let session = opened.session
        guard let object = try module.find(in: session, .keySetDescription()).first else { return }
        let text = String(decoding: try module.value(of: object, CKA_VALUE, in: session), as: UTF8.self)
        guard var description = TokenDescription(text) else { throw .notLoaded(label) }
        for key in try module.find(in: session, .tokenKeys()) {
            let label = String(decoding: try module.value(of: key, CKA_LABEL, in: session), as: UTF8.self)
            guard let identity = KeySet.Identity(tokenLabel: label) else { continue }
            description.identities.append(identity)
            guard identity.algorithm == .tripleDES else { continue }
            opened.masters[label] = key
        }
        description.identities.sort()
        opened.description = description
    }
}

extension AttributeTemplate {
    /// Finds the object that describes the key set.
    static func keySetDescription() -> AttributeTemplate {
        AttributeTemplate().adding(CKA_CLASS, number: CKO_DATA).adding(CKA_APPLICATION, TokenDevice.application)
    }

    /// Finds the secret keys on the token.
    static func tokenKeys() -> AttributeTemplate {
        AttributeTemplate().adding(CKA_CLASS, number: CKO_SECRET_KEY).adding(CKA_TOKEN, true)
            .adding(CKA_ID, TokenDevice.application)
    }
}
