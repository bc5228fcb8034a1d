import Glibc

/// Where a password was typed, as far as the service can tell: what is guessed at one machine is held against that machine.
enum LoginPlace: Hashable, Sendable {
    /// An address of the network: four bytes, or of IPv6 the eight that one site is given, for a machine takes any of the rest.
    case address([UInt8])
    /// Behind a terminator, which has one address for everybody, or over a socket of this machine: nobody is told from anybody else.
    case untold

    /// The place of a connection.
    ///
    /// - Parameters:
    ///   - text: the peer's address; nil where there is none.
    ///   - isRelayed: whether somebody else's connection stands between.
    init(peer text: String?, isRelayed: Bool) {
        guard let text, !isRelayed else {
            self = .untold
            return
        }
        var four = in_addr()
        var six = in6_addr()
        if inet_pton(AF_INET, text, &four) == 1 {
            self = .address(withUnsafeBytes(of: four) { Array($0) })
        } else if inet_pton(AF_INET6, text, &six) == 1 {
            let bytes = withUnsafeBytes(of: six) { Array($0) }
            // An IPv4 peer of a socket for both (RFC 4291, 2.5.5.2).
            let isMapped = bytes.prefix(12) == [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF]
            self = .address(Array(isMapped ? bytes.suffix(4) : bytes.prefix(8)))
        } else {
            self = .untold
        }
    }
}
