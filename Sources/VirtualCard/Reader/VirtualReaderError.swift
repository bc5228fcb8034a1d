/// Why a virtual card cannot be put into a virtual reader, or left it.
public enum VirtualReaderError: Error, Hashable, Sendable {
    /// Nobody listens there, after all attempts; the last reason, as `errno` has it.
    case unreachable(host: String, port: UInt16, reason: Int32)
    /// No such host.
    case unknownHost(String)
    /// The connection failed; the reason, as `errno` has it.
    case broken(reason: Int32)
}
