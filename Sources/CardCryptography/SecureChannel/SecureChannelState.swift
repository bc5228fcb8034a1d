/// Where a secure channel stands: the chain of its MACs and the count of its enciphered commands; no secret.
public struct SecureChannelState: Hashable, Sendable {
    /// The last command's MAC, 8 bytes in SCP02, the whole 16 in SCP03; empty before the first.
    let chain: [UInt8]
    /// SCP03: the commands since EXTERNAL AUTHENTICATE, those without data included.
    let commandCount: UInt64

    /// The state in which EXTERNAL AUTHENTICATE is sent.
    public static let beginning = SecureChannelState(chain: [], commandCount: 0)

    init(chain: [UInt8], commandCount: UInt64) {
        self.chain = chain
        self.commandCount = commandCount
    }
}
