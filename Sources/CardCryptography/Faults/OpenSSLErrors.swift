import COpenSSL

/// Takes everything from this thread's OpenSSL error queue and makes one error of it.
///
/// OpenSSL sometimes fails with an empty queue, so the reason may be empty. Must run on the thread of the failed call.
func openSSLFailure(_ operation: String) -> CryptographyError {
    var reason = ""
    while true {
        let code = ERR_get_error()
        guard code != 0 else { break }
        if let text = ERR_reason_error_string(code) { reason = String(cString: text) }
    }
    return .operationFailed(operation, reason: reason)
}
