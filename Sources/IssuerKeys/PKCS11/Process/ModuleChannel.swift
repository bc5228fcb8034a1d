import Glibc

/// Whole messages over a stream socket: four bytes with the count, then the bytes.
enum ModuleChannel {
    /// The next message; nil when the other side is gone, says nothing in time, or sends what is none.
    ///
    /// - Parameter milliseconds: how long to wait for each piece; -1 for ever.
    static func receive(_ descriptor: Int32, within milliseconds: Int32 = -1) -> [UInt8]? {
        guard let head = take(4, from: descriptor, milliseconds) else { return nil }
        let count = head.reduce(0) { $0 << 8 | Int($1) }
        guard count > 0, count <= ModuleWriter.limit else { return nil }
        return take(count, from: descriptor, milliseconds)
    }

    /// Sends a message; false when the other side is gone.
    static func send(_ message: ModuleWriter, to descriptor: Int32) -> Bool {
        let count = message.bytes.count
        guard count <= ModuleWriter.limit else { return false }
        let head = [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: count >> $0) }
        return head.withUnsafeBytes { put($0, to: descriptor, isMore: true) }
            && message.bytes.withUnsafeBytes { put($0, to: descriptor, isMore: false) }
    }

    private static func put(_ bytes: UnsafeRawBufferPointer, to descriptor: Int32, isMore: Bool) -> Bool {
        var sent = 0
        let flags = Int32(MSG_NOSIGNAL) | (isMore ? Int32(MSG_MORE) : 0)
        while sent < bytes.count {
            let count = Glibc.send(descriptor, bytes.baseAddress?.advanced(by: sent), bytes.count - sent, flags)
            if count < 0 && errno == EINTR { continue }
            guard count > 0 else { return false }
            sent += count
        }
        return true
    }

    private static func take(_ count: Int, from descriptor: Int32, _ milliseconds: Int32) -> [UInt8]? {
        var bytes = [UInt8](repeating: 0, count: count)
        var taken = 0
        while taken < count {
            if milliseconds >= 0 {
                var waiting = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
                let ready = poll(&waiting, 1, milliseconds)
                if ready < 0 && errno == EINTR { continue }
                guard ready > 0 else { return nil }
            }
            let some = bytes.withUnsafeMutableBytes {
                recv(descriptor, $0.baseAddress?.advanced(by: taken), count - taken, 0)
            }
            if some < 0 && errno == EINTR { continue }
            guard some > 0 else { return nil }
            taken += some
        }
        return bytes
    }
}
