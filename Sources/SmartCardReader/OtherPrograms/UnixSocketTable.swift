import Glibc

/// The kernel's table of local sockets, asked by netlink (`sock_diag(7)`, `unix_diag`).
///
/// `/proc/net/unix` lists the same sockets, but not which two belong together.
enum UnixSocketTable {
    /// The inodes of the sockets at the other end of those that were accepted on a path.
    ///
    /// - Returns: nil when the kernel does not answer.
    static func peers(ofPathEnding suffix: String) -> Set<UInt32>? {
        let descriptor = socket(AF_NETLINK, Int32(SOCK_RAW.rawValue) | Int32(SOCK_CLOEXEC.rawValue), sockDiag)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        guard send(descriptor, request, request.count, 0) == request.count else { return nil }
        var peers: Set<UInt32> = []
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = recv(descriptor, &buffer, buffer.count, 0)
            guard count > 0 else { return nil }
            var messages = buffer[..<count]
            while let message = Message(&messages) {
                switch message.type {
                case doneMessage: return peers
                case errorMessage: return nil
                default: break
                }
                if let peer = message.peer, message.path?.hasSuffix(suffix) == true { peers.insert(peer) }
            }
        }
    }

    // Values of linux/netlink.h, linux/sock_diag.h and linux/unix_diag.h; all numbers in the machine's own order.
    private static let sockDiag: Int32 = 4
    private static let errorMessage: UInt16 = 2
    private static let doneMessage: UInt16 = 3
    fileprivate static let headerLength = 16
    fileprivate static let socketLength = 16
    fileprivate static let nameAttribute: UInt16 = 0
    fileprivate static let peerAttribute: UInt16 = 2

    /// SOCK_DIAG_BY_FAMILY for all of AF_UNIX, with names and peers.
    private static let request: [UInt8] = {
        let header = bytes(UInt32(40)) + bytes(UInt16(20)) + bytes(UInt16(0x301)) + bytes(UInt32(1)) + bytes(UInt32(0))
        let family: [UInt8] = [UInt8(AF_UNIX), 0, 0, 0]
        let nameAndPeer: UInt32 = 1 | 4
        return header + family + bytes(UInt32.max) + bytes(UInt32(0)) + bytes(nameAndPeer) + bytes(UInt64.max)
    }()

    private static func bytes(_ value: some FixedWidthInteger) -> [UInt8] { withUnsafeBytes(of: value) { Array($0) } }

    /// One message of the answer: header, socket, attributes.
    private struct Message {
        let type: UInt16
        private(set) var peer: UInt32?
        private(set) var path: String?

        /// Takes the next message off the front; nil when no whole one is left.
        init?(_ bytes: inout ArraySlice<UInt8>) {
            guard let length: UInt32 = bytes.number(at: 0), length >= UnixSocketTable.headerLength,
                Int(length) <= bytes.count, let type: UInt16 = bytes.number(at: 4)
            else { return nil }
            self.type = type
            var attributes = bytes.prefix(Int(length))
                .dropFirst(UnixSocketTable.headerLength + UnixSocketTable.socketLength)
            bytes = bytes.dropFirst((Int(length) + 3) / 4 * 4)
            while let length: UInt16 = attributes.number(at: 0), length >= 4, Int(length) <= attributes.count,
                let kind: UInt16 = attributes.number(at: 2)
            {
                let value = attributes.prefix(Int(length)).dropFirst(4)
                if kind == UnixSocketTable.peerAttribute { peer = value.number(at: 0) }
                if kind == UnixSocketTable.nameAttribute {
                    path = String(decoding: value.prefix { $0 != 0 }, as: UTF8.self)
                }
                attributes = attributes.dropFirst((Int(length) + 3) / 4 * 4)
            }
        }
    }
}

extension ArraySlice<UInt8> {
    /// A number in the machine's order, so many bytes behind the front.
    fileprivate func number<Number: FixedWidthInteger>(at offset: Int) -> Number? {
        guard count >= offset + MemoryLayout<Number>.size else { return nil }
        return withUnsafeBytes { $0.loadUnaligned(fromByteOffset: offset, as: Number.self) }
    }
}
