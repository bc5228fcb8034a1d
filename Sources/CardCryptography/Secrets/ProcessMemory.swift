import COpenSSL

/// The memory of this process, in which keys and PINs lie open while they are used.
public enum ProcessMemory {
    /// Keeps the memory out of core dumps and away from debuggers of the same user; to be called before the first secret is there.
    ///
    /// - Throws: `operationFailed` where the system does not allow it.
    public static func forbidDumps() throws(CryptographyError) {
        guard card_forbid_dumps() == 1 else { throw .operationFailed("PR_SET_DUMPABLE", reason: "") }
    }
}
