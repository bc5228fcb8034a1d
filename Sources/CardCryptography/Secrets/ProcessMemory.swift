import COpenSSL

/// The memory of this process, in which keys and PINs lie open while they are used.
public enum ProcessMemory {
    /// Keeps the memory out of core dumps and away from debuggers of the same user; to be called before the first secret is there.
    ///
    /// - Throws: `operationFailed` where the system does not allow it.
    public static func forbidDumps() throws(CryptographyError) {
        guard card_forbid_dumps() == 1 else { throw .operationFailed("PR_SET_DUMPABLE", reason: "") }
        card_forbid_backtraces()
    }

    /// Keeps all memory of the process, also what it takes later, from being written to swap; false where the system refuses.
    ///
    /// A limit on locked memory would make later allocations fail, so nothing is locked under one.
    @discardableResult public static func lock() -> Bool { card_lock_memory() == 1 }

    /// Whether memory stays out of swap: it is locked, or the machine has no swap.
    public static var staysOutOfSwap: Bool { card_memory_is_locked() == 1 || card_has_no_swap() == 1 }
}
