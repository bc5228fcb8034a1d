import Glibc
import IssuerKeys

/// A TCP connection none of whose calls lasts beyond one moment, and none of which raises a signal.
struct GatewaySocket: ~Copyable {
    /// Why a call came to nothing.
    enum Failure: Error {
        case timeIsOver
        case system(String)
    }

    private let descriptor: Int32
    private let deadline: ContinuousClock.Instant

    /// Connects to the first of the host's addresses that takes it; each has its share of the time that is left.
    ///
    /// Looking a name up keeps to the system's own limits; addresses need none.
    init(to host: String, port: UInt16, until deadline: ContinuousClock.Instant) throws(Failure) {
        var hints = addrinfo()
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        hints.ai_flags = AI_ADDRCONFIG | AI_NUMERICSERV
        var found: UnsafeMutablePointer<addrinfo>?
        let result = getaddrinfo(host, String(port), &hints, &found)
        guard result == 0, let first = found else { throw .system(String(cString: gai_strerror(result))) }
        defer { freeaddrinfo(first) }
        var addresses: [addrinfo] = []
        var address: UnsafeMutablePointer<addrinfo>? = first
        while let candidate = address {
            addresses.append(candidate.pointee)
            address = candidate.pointee.ai_next
        }
        descriptor = try AddressShares.first(of: addresses, until: deadline) { address, share throws(Failure) in
            try Self.connect(address, until: share)
        }
        self.deadline = deadline
    }

    private static func connect(
        _ address: addrinfo, until deadline: ContinuousClock.Instant
    ) throws(Failure) -> Int32 {
        let flags = Int32(SOCK_CLOEXEC.rawValue) | Int32(SOCK_NONBLOCK.rawValue)
        let descriptor = socket(address.ai_family, address.ai_socktype | flags, address.ai_protocol)
        guard descriptor >= 0 else { throw .system(Self.reason(errno)) }
        do throws(Failure) {
            if Glibc.connect(descriptor, address.ai_addr, address.ai_addrlen) != 0 {
                guard errno == EINPROGRESS else { throw .system(Self.reason(errno)) }
                try wait(descriptor, for: POLLOUT, until: deadline)
                var error: Int32 = 0
                var size = socklen_t(MemoryLayout<Int32>.size)
                guard getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &error, &size) == 0, error == 0 else {
                    throw .system(Self.reason(error))
                }
            }
        } catch {
            close(descriptor)
            throw error
        }
        return descriptor
    }

    /// Sends all of it.
    func send(_ bytes: UnsafeRawBufferPointer) throws(Failure) {
        var done = 0
        while done < bytes.count {
            let rest = UnsafeRawBufferPointer(rebasing: bytes[done...])
            let count = Glibc.send(descriptor, rest.baseAddress, rest.count, Int32(MSG_NOSIGNAL))
            if count > 0 {
                done += count
            } else if errno == EAGAIN {
                try Self.wait(descriptor, for: POLLOUT, until: deadline)
            } else if errno != EINTR {
                throw .system(Self.reason(errno))
            }
        }
    }

    /// What came in; nothing when the other side has ended the connection.
    func receive(_ room: UnsafeMutableRawBufferPointer) throws(Failure) -> Int {
        while true {
            let count = recv(descriptor, room.baseAddress, room.count, 0)
            if count >= 0 { return count }
            if errno == EAGAIN {
                try Self.wait(descriptor, for: POLLIN, until: deadline)
            } else if errno != EINTR {
                throw .system(Self.reason(errno))
            }
        }
    }

    private static func wait(
        _ descriptor: Int32, for event: Int32, until deadline: ContinuousClock.Instant
    ) throws(Failure) {
        while true {
            let left = ContinuousClock.now.duration(to: deadline)
            guard left > .zero else { throw .timeIsOver }
            // a part of a millisecond is waited for as a whole one
            let milliseconds = left / Duration.milliseconds(1)
            var waiting = pollfd(fd: descriptor, events: Int16(event), revents: 0)
            let count = poll(&waiting, 1, Int32(min(milliseconds.rounded(.up), 1e6)))
            if count > 0 { return }
            guard count == 0 || errno == EINTR else { throw .system(reason(errno)) }
        }
    }

    private static func reason(_ number: Int32) -> String { String(cString: strerror(number)) }

    deinit { close(descriptor) }
}
