import CPKCS11
import Glibc

/// A PKCS#11 module, opened in this process.
///
/// It is never closed, for closing one in use ends in a crash.
/// Only the module's own process makes one, so that a module that crashes takes nobody with it.
final class PKCS11Module: @unchecked Sendable {  // the functions are constant, and the module does its own locking
    private let functions: UnsafeMutablePointer<CK_FUNCTION_LIST>

    /// Opens and initialises a module.
    ///
    /// - Throws: `moduleMissing` when there is none at this path.
    init(path: String) throws(TokenFailure) {
        guard let library = dlopen(path, RTLD_NOW) else {
            throw .moduleMissing(path, reason: dlerror().map { String(cString: $0) } ?? "")
        }
        typealias GetList = @convention(c) (UnsafeMutablePointer<UnsafeMutablePointer<CK_FUNCTION_LIST>?>?) -> CK_RV
        guard let symbol = dlsym(library, "C_GetFunctionList") else {
            throw .moduleMissing(path, reason: "C_GetFunctionList")
        }
        var list: UnsafeMutablePointer<CK_FUNCTION_LIST>?
        let value = unsafeBitCast(symbol, to: GetList.self)(&list)
        guard value == CKR_OK, let list else { throw .failed("C_GetFunctionList", value) }
        functions = list
        // several threads use it, each with a session of its own
        var arguments = CK_C_INITIALIZE_ARGS()
        arguments.flags = CK_FLAGS(CKF_OS_LOCKING_OK)
        try call("C_Initialize") { $0.C_Initialize?(&arguments) }
    }

    /// Calls a function of the module; what it refuses becomes a failure.
    func call(_ name: String, _ body: (CK_FUNCTION_LIST) -> CK_RV?) throws(TokenFailure) {
        let value = body(functions.pointee) ?? CKR_FUNCTION_NOT_SUPPORTED
        switch value {
        case CKR_OK: return
        case CKR_PIN_INCORRECT: throw .wrongPIN
        case CKR_PIN_LOCKED: throw .lockedPIN
        case CKR_PIN_INVALID, CKR_PIN_LEN_RANGE, CKR_PIN_EXPIRED: throw .refusedPIN
        default: throw .failed(name, value)
        }
    }
}

extension TokenFailure {
    /// Whether the session, the log-in or the device is gone: everything is to be opened again before the next try.
    var isDeviceLoss: Bool {
        guard case .failed(_, let value) = self else { return false }
        return [
            CKR_DEVICE_ERROR, CKR_DEVICE_REMOVED, CKR_TOKEN_NOT_PRESENT, CKR_TOKEN_NOT_RECOGNIZED,
            CKR_SESSION_HANDLE_INVALID, CKR_SESSION_CLOSED, CKR_USER_NOT_LOGGED_IN, CKR_OBJECT_HANDLE_INVALID,
            CKR_KEY_HANDLE_INVALID,
        ].contains(value)
    }
}
