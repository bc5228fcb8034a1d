import Glibc

/// A TCP connection whose waits end as soon as a second descriptor, the wake-up, becomes readable.
///
/// It is closed when it goes out of scope.
struct VirtualReaderSocket: ~Copyable {
    /// What a wait ended with.
    enum Event {
        case ready
        case woken
        case timeout
    }

    private let descriptor: Int32
    private let wakeUp: Int32

    private init(descriptor: Int32, wakeUp: Int32) {
        self.descriptor = descriptor
        self.wakeUp = wakeUp
    }

    /// Connects to the first address of the host that listens; nil when woken.
    static func connect(
        host: String, port: UInt16, wakeUp: Int32
    ) throws(VirtualReaderError) -> VirtualReaderSocket? {
        var wanted = addrinfo()
        wanted.ai_socktype = Int32(SOCK_STREAM.rawValue)
        wanted.ai_flags = AI_NUMERICSERV
        var found: UnsafeMutablePointer<addrinfo>?
        guard getaddrinfo(host, String(port), &wanted, &found) == 0 else { throw .unknownHost(host) }
        defer { freeaddrinfo(found) }
        var reason: Int32 = 0
        var next = found
        while let address = next?.pointee {
            next = address.ai_next
            let flags = Int32(SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue)
            let descriptor = socket(address.ai_family, address.ai_socktype | flags, address.ai_protocol)
            guard descriptor >= 0 else {
                reason = errno
                continue
            }
            let connection = VirtualReaderSocket(descriptor: descriptor, wakeUp: wakeUp)
            reason = Glibc.connect(descriptor, address.ai_addr, address.ai_addrlen) == 0 ? 0 : errno
            if reason == EINPROGRESS {
                if try wait(for: POLLOUT, on: descriptor, wakeUp: wakeUp) == .woken { return nil }
                reason = connection.pendingError
            }
            if reason == 0 {
                connection.set(TCP_NODELAY)
                return connection
            }
        }
        throw .unreachable(host: host, port: port, reason: reason)
    }

    /// Waits until bytes can be received; -1 milliseconds are for ever.
    borrowing func waitForBytes(milliseconds: Int32 = -1) throws(VirtualReaderError) -> Event {
        // The kernel falls back to delayed acknowledgements by itself, and the driver sends a length and its body in two
        // writes: unless this is said before every receive, the body waits 40 ms for the acknowledgement of the length.
        set(TCP_QUICKACK)
        return try Self.wait(for: POLLIN, on: descriptor, wakeUp: wakeUp, milliseconds: milliseconds)
    }

    /// Receives what is there.
    ///
    /// - Returns: how many bytes; 0 when the reader closed the connection.
    borrowing func receive(into buffer: UnsafeMutableRawBufferPointer) throws(VirtualReaderError) -> Int {
        while true {
            let count = recv(descriptor, buffer.baseAddress, buffer.count, 0)
            if count >= 0 { return count }
            switch errno {
            case EINTR: continue
            case ECONNRESET: return 0
            case EAGAIN:
                if try waitForBytes() == .woken { return 0 }
            default: throw .broken(reason: errno)
            }
        }
    }

    /// Sends all bytes, with one write when the kernel has room for them.
    ///
    /// - Returns: false when the connection was closed or the wait woken before all were sent.
    borrowing func send(_ bytes: [UInt8]) throws(VirtualReaderError) -> Bool {
        var sent = 0
        while sent < bytes.count {
            let count = bytes.withUnsafeBytes { bytes in
                Glibc.send(
                    descriptor, bytes.baseAddress.map { $0 + sent }, bytes.count - sent, Int32(MSG_NOSIGNAL))
            }
            if count >= 0 {
                sent += count
                continue
            }
            switch errno {
            case EINTR: continue
            case EPIPE, ECONNRESET: return false
            case EAGAIN:
                if try Self.wait(for: POLLOUT, on: descriptor, wakeUp: wakeUp) == .woken { return false }
            default: throw .broken(reason: errno)
            }
        }
        return true
    }

    /// Waits for an event of a descriptor, none when it is -1, or the wake-up; -1 milliseconds are for ever.
    static func wait(
        for events: Int32, on descriptor: Int32, wakeUp: Int32, milliseconds: Int32 = -1
    ) throws(VirtualReaderError) -> Event {
        while true {
            var watched = (
                pollfd(fd: wakeUp, events: Int16(POLLIN), revents: 0),
                pollfd(fd: descriptor, events: Int16(events), revents: 0)
            )
            let count = withUnsafeMutableBytes(of: &watched) { watched in
                poll(watched.baseAddress?.assumingMemoryBound(to: pollfd.self), 2, milliseconds)
            }
            if watched.0.revents != 0 { return .woken }
            if count > 0 { return .ready }
            if count == 0 { return .timeout }
            guard errno == EINTR else { throw .broken(reason: errno) }
        }
    }

    private var pendingError: Int32 {
        var error: Int32 = 0
        var length = socklen_t(MemoryLayout<Int32>.size)
        return getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &error, &length) == 0 ? error : errno
    }

    private borrowing func set(_ option: Int32) {
        var on: Int32 = 1
        setsockopt(descriptor, Int32(IPPROTO_TCP), option, &on, socklen_t(MemoryLayout<Int32>.size))
    }

    deinit { close(descriptor) }
}
