import Glibc

/// Puts a card into a virtual reader: connects to pcscd's vpcd driver and answers it until the card is pulled.
///
/// The card connects to the driver ("normal mode"); the driver's reversed mode can abort pcscd as a whole.
///
/// ```swift
/// let connection = try VirtualReaderConnection(port: 35963)
/// let end = try connection.serve(card)      // blocks; connection.stop() from elsewhere pulls the card
/// ```
public final class VirtualReaderConnection: Sendable {
    /// Why a card is no longer in the reader.
    public enum End: Hashable, Sendable {
        /// ``VirtualReaderConnection/stop()`` was called.
        case stopped
        /// The driver closed the connection, as it does when pcscd stops.
        case closedByReader
    }

    /// The port of vpcd's first slot, 8C7B hexadecimal; slot n listens on this port + n.
    public static let firstPort: UInt16 = 35_963

    private let host: String
    private let port: UInt16
    private let attempts: Int
    private let wakeUpReader: Int32
    private let wakeUpWriter: Int32

    /// A connection that is made when a card is served.
    ///
    /// - Parameters:
    ///   - host: a name or address.
    ///   - port: the slot's port.
    ///   - attempts: how often to try to connect, at least once; pauses grow from 50 ms to 1 s.
    /// - Throws: ``VirtualReaderError/broken(reason:)`` when this process may open no more files.
    public init(
        host: String = "127.0.0.1", port: UInt16 = firstPort, attempts: Int = 20
    ) throws(VirtualReaderError) {
        self.host = host
        self.port = port
        self.attempts = max(1, attempts)
        var ends: [Int32] = [-1, -1]
        let code = pipe(&ends)
        let reason = errno
        wakeUpReader = ends[0]
        wakeUpWriter = ends[1]
        guard code == 0 else { throw .broken(reason: reason) }
        for end in ends {
            _ = fcntl(end, F_SETFD, FD_CLOEXEC)
            _ = fcntl(end, F_SETFL, O_NONBLOCK)
        }
    }

    /// Pulls the card, at once and for good: the connection is closed, and serving again ends at once.
    ///
    /// It does no more than one `write`, so a signal handler may call it, and any thread.
    public func stop() {
        var byte: UInt8 = 1
        _ = write(wakeUpWriter, &byte, 1)
    }

    /// Puts the card in and answers the reader until the card is pulled; blocks.
    ///
    /// A reader holds one card and takes a second connection only once that card is gone: it says nothing to it until then.
    ///
    /// - Parameters:
    ///   - patience: milliseconds within which a reader that is free asks for the card.
    ///   - whenKeptWaiting: called once when that time has passed and the reader has not asked: it most likely holds another card.
    ///   - whenInserted: called once the reader has taken the card.
    /// - Returns: why the card is no longer in the reader.
    /// - Throws: ``VirtualReaderError`` when no reader can be reached, or when the connection fails.
    public func serve(
        _ card: any VirtualReaderCard, patience: Int32 = 3_000, whenKeptWaiting: () -> Void = {},
        whenInserted: () -> Void = {}
    ) throws(VirtualReaderError) -> End {
        guard let socket = try connect() else { return .stopped }
        if try socket.waitForBytes(milliseconds: patience) == .timeout { whenKeptWaiting() }
        guard try socket.waitForBytes() == .ready else { return .stopped }
        var isInserted = false
        var inbox = VirtualReaderInbox()
        var command: [UInt8] = []
        var answer: [UInt8] = []
        while true {
            while let message = inbox.next() {
                switch message {
                case .powerOff: card.powerOff()
                case .powerOn: card.powerOn()
                case .reset: card.reset()
                case .unknown: break
                case .answerToReset:
                    frame(card.answerToReset, into: &answer)
                    guard try socket.send(answer) else { return try end() }
                    card.idle()
                case .command(let place):
                    command.removeAll(keepingCapacity: true)
                    command.append(contentsOf: inbox.bytes[place])
                    frame(card.respond(to: command), into: &answer)
                    guard try socket.send(answer) else { return try end() }
                }
            }
            guard try socket.waitForBytes() == .ready else { return .stopped }
            let count = try inbox.receive { room throws(VirtualReaderError) in try socket.receive(into: room) }
            guard count > 0 else { return try end() }
            if !isInserted { whenInserted() }
            isInserted = true
        }
    }

    /// Length and body in one piece, for they leave in one write.
    private func frame(_ body: [UInt8], into answer: inout [UInt8]) {
        let body = body.prefix(65_535)
        answer.removeAll(keepingCapacity: true)
        answer.append(UInt8(body.count >> 8))
        answer.append(UInt8(body.count & 0xFF))
        answer.append(contentsOf: body)
    }

    private func end() throws(VirtualReaderError) -> End { try isStopped(after: 0) ? .stopped : .closedByReader }

    private func connect() throws(VirtualReaderError) -> VirtualReaderSocket? {
        var pause: Int32 = 50
        var left = attempts
        while try !isStopped(after: 0) {
            left -= 1
            do throws(VirtualReaderError) {
                return try VirtualReaderSocket.connect(host: host, port: port, wakeUp: wakeUpReader)
            } catch {
                guard case .unreachable = error, left > 0 else { throw error }
                if try isStopped(after: pause) { return nil }
                pause = min(pause * 2, 1000)
            }
        }
        return nil
    }

    /// True when ``stop()`` was called before so many milliseconds had passed.
    private func isStopped(after milliseconds: Int32) throws(VirtualReaderError) -> Bool {
        try VirtualReaderSocket.wait(for: 0, on: -1, wakeUp: wakeUpReader, milliseconds: milliseconds) == .woken
    }

    deinit {
        close(wakeUpReader)
        close(wakeUpWriter)
    }
}
