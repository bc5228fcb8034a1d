import Foundation
import Synchronization
import Testing
import VirtualCard

/// The card's side of the connection, against a driver that this suite plays on 127.0.0.1.
@Suite struct VirtualReaderConnectionTests {
    @Test func controlsAndCommandsAreAnsweredInOrderHoweverTheyAreCut() throws {
        let driver = try FakeDriver()
        let card = RecordingCard()
        let connection = try VirtualReaderConnection(port: driver.port)
        let served = Served(connection, card)
        let slot = try driver.accept()

        try slot.send([0x00, 0x01, 0x01, 0x00, 0x01, 0x04])
        #expect(try slot.receiveMessage() == card.answerToReset)
        try slot.send([0x00])
        try slot.send([0x05, 0x00, 0x84])
        try slot.send([0x00, 0x00, 0x02, 0x00, 0x01])
        #expect(try slot.receiveMessage() == [0x00, 0x84, 0x00, 0x00, 0x02, 0x90, 0x00])
        try slot.send([0x02, 0x00, 0x01, 0x04])
        #expect(try slot.receiveMessage() == card.answerToReset)
        try slot.send([0x00, 0x01, 0x00, 0x00, 0x01, 0x04])
        #expect(try slot.receiveMessage() == card.answerToReset)
        slot.close()

        #expect(try served.end() == .closedByReader)
        #expect(card.log == ["on", "idle", "00840000 2", "reset", "idle", "off", "idle"])
    }

    @Test func anAnswerLeavesInOnePiece() throws {
        let driver = try FakeDriver()
        let connection = try VirtualReaderConnection(port: driver.port)
        let served = Served(connection, RecordingCard())
        let slot = try driver.accept()
        let command = [0x00, 0xB0, 0x00, 0x00] + [UInt8](repeating: 0x11, count: 251)
        try slot.send([0x00, UInt8(command.count)] + command)
        #expect(try slot.receiveSome() == [0x01, 0x01] + command + [0x90, 0x00], "one receive brings all of it")
        connection.stop()
        #expect(try served.end() == .stopped)
    }

    @Test func stoppingPullsTheCardAtOnceAndForGood() throws {
        let driver = try FakeDriver()
        let connection = try VirtualReaderConnection(port: driver.port)
        let served = Served(connection, RecordingCard())
        let slot = try driver.accept()
        connection.stop()
        #expect(try served.end() == .stopped)
        #expect(try slot.receiveSome().isEmpty, "the connection is closed")
        #expect(try connection.serve(RecordingCard()) == .stopped)
    }

    @Test func aReaderThatNobodyServesIsReportedAfterTheAttempts() throws {
        let port = try FakeDriver().port
        let connection = try VirtualReaderConnection(port: port, attempts: 2)
        #expect(throws: VirtualReaderError.unreachable(host: "127.0.0.1", port: port, reason: ECONNREFUSED)) {
            try connection.serve(RecordingCard())
        }
    }

    @Test func stoppingEndsTheAttemptsToo() throws {
        let port = try FakeDriver().port
        let connection = try VirtualReaderConnection(port: port, attempts: .max)
        let served = Served(connection, RecordingCard())
        connection.stop()
        #expect(try served.end() == .stopped)
    }
}

/// Answers each command with the command itself and 9000, and notes what happens to it.
private final class RecordingCard: VirtualReaderCard, Sendable {
    private let notes = Mutex<[String]>([])
    var log: [String] { notes.withLock { $0 } }
    let answerToReset: [UInt8] = [0x3B, 0x80, 0x01, 0x81]

    func powerOn() { note("on") }
    func powerOff() { note("off") }
    func reset() { note("reset") }
    func idle() { note("idle") }

    func respond(to command: [UInt8]) -> [UInt8] {
        note(command.prefix(4).map { String(format: "%02X", $0) }.joined() + " \(command[4])")
        return command + [0x90, 0x00]
    }

    private func note(_ text: String) { notes.withLock { $0.append(text) } }
}

/// A card served on a thread of its own.
private final class Served: Sendable {
    private let result = Mutex<Result<VirtualReaderConnection.End, any Error>?>(nil)
    private let isOver = DispatchSemaphore(value: 0)

    init(_ connection: VirtualReaderConnection, _ card: RecordingCard) {
        Thread {
            let result = Result { try connection.serve(card) }
            self.result.withLock { $0 = result }
            self.isOver.signal()
        }.start()
    }

    /// Waits for the end of the service.
    func end() throws -> VirtualReaderConnection.End? {
        guard isOver.wait(timeout: .now() + 10) == .success else { return nil }
        return try result.withLock { try $0?.get() }
    }
}

/// The driver's side, one listening slot; the port is free again when it goes.
private final class FakeDriver {
    let port: UInt16
    private let listener: Int32

    init() throws {
        let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = inet_addr("127.0.0.1")
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let bound = withUnsafeMutablePointer(to: &address) { address in
            address.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                bind(listener, address, length) == 0 && listen(listener, 1) == 0
                    && getsockname(listener, address, &length) == 0
            }
        }
        self.listener = listener
        port = UInt16(bigEndian: address.sin_port)
        guard bound else { throw POSIXError(.init(rawValue: errno) ?? .EIO) }
    }

    func accept() throws -> Slot {
        let descriptor = Glibc.accept(listener, nil, nil)
        guard descriptor >= 0 else { throw POSIXError(.init(rawValue: errno) ?? .EIO) }
        return Slot(descriptor: descriptor)
    }

    deinit { close(listener) }
}

private struct Slot {
    let descriptor: Int32

    func send(_ bytes: [UInt8]) throws {
        guard Glibc.send(descriptor, bytes, bytes.count, 0) == bytes.count else { throw POSIXError(.EPIPE) }
    }

    /// Whatever one receive brings; nothing when the card closed the connection.
    func receiveSome(_ most: Int = 65_537) throws -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: most)
        let count = recv(descriptor, &bytes, most, 0)
        guard count >= 0 else { throw POSIXError(.init(rawValue: errno) ?? .EIO) }
        return Array(bytes.prefix(count))
    }

    func receiveMessage() throws -> [UInt8] {
        func exactly(_ count: Int) throws -> [UInt8] {
            var bytes: [UInt8] = []
            while bytes.count < count {
                let more = try receiveSome(count - bytes.count)
                guard !more.isEmpty else { throw POSIXError(.ECONNRESET) }
                bytes += more
            }
            return bytes
        }
        let length = try exactly(2)
        return try exactly(Int(length[0]) << 8 + Int(length[1]))
    }

    func close() { Glibc.close(descriptor) }
}
