import CPCSC

/// A connection to the PC/SC service, given back when it goes out of scope.
///
/// pcsc-lite serves one call at a time in a context, so each thread has its own; only `SCardCancel` may come from another.
public struct PCSCContext: ~Copyable {
    /// The handle; valid as long as the context is.
    let handle: SCARDCONTEXT

    private init(handle: SCARDCONTEXT) { self.handle = handle }

    /// Connects to the service.
    ///
    /// - Throws: ``ReaderError/serviceNotRunning``, ``ReaderError/accessRefused``, ``ReaderError/serviceFull`` or
    ///   ``ReaderError/system(function:code:)``.
    public static func establish() throws(ReaderError) -> PCSCContext {
        var handle: SCARDCONTEXT = 0
        do throws(PCSCFailure) {
            try check(SCardEstablishContext(DWORD(SCARD_SCOPE_SYSTEM), nil, nil, &handle), "SCardEstablishContext")
        } catch {
            throw error.readerError()
        }
        return PCSCContext(handle: handle)
    }

    /// The names of all reader slots, at most 16 in pcsc-lite; none when no reader is attached.
    borrowing func readerNames() throws(PCSCFailure) -> [ReaderName] {
        while true {
            var length: DWORD = 0
            let asked = SCardListReaders(handle, nil, nil, &length)
            if asked == SCARD_E_NO_READERS_AVAILABLE { return [] }
            try check(asked, "SCardListReaders")
            var names = [CChar](repeating: 0, count: Int(length))
            let code = SCardListReaders(handle, nil, &names, &length)
            if code == SCARD_E_INSUFFICIENT_BUFFER { continue }  // a reader was attached since the length was asked
            if code == SCARD_E_NO_READERS_AVAILABLE { return [] }
            try check(code, "SCardListReaders")
            return names.prefix(Int(length)).split(separator: 0).compactMap { name in
                ReaderName(rawValue: String(decoding: name.map(UInt8.init(bitPattern:)), as: UTF8.self))
            }
        }
    }

    deinit { SCardReleaseContext(handle) }
}
