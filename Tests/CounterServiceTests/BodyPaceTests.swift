import HTTPTypes
import NIOCore
import NIOEmbedded
import NIOHTTPTypes
import Testing

@testable import CounterService

/// Connections that only hold a place, by a clock that the test moves.
@Suite struct BodyPaceTests {
    private let channel = EmbeddedChannel(handler: BodyPace())

    private func begin() throws {
        try channel.connect(to: SocketAddress(ipAddress: "127.0.0.1", port: 1)).wait()
        try channel.writeInbound(
            HTTPRequestPart.head(HTTPRequest(method: .post, scheme: "http", authority: "a", path: "/login")))
    }

    private func body(_ count: Int) throws {
        try channel.writeInbound(HTTPRequestPart.body(ByteBuffer(repeating: 0x61, count: count)))
    }

    @Test func aByteNowAndThenEndsTheConnection() throws {
        try begin()
        for _ in 0..<2 {
            channel.embeddedEventLoop.advanceTime(by: .seconds(5))
            try body(1)
            #expect(channel.isActive)
        }
        channel.embeddedEventLoop.advanceTime(by: .seconds(7))
        #expect(!channel.isActive)
    }

    @Test func aHeadWithoutABodyEndsIt() throws {
        try begin()
        channel.embeddedEventLoop.advanceTime(by: .seconds(14))
        #expect(channel.isActive)
        channel.embeddedEventLoop.advanceTime(by: .seconds(1))
        #expect(!channel.isActive)
    }

    @Test func aLongBodyOverASlowLineComesThrough() throws {
        try begin()
        for _ in 0..<60 {
            channel.embeddedEventLoop.advanceTime(by: .seconds(1))
            try body(BodyPace.bytesPerSecond)
        }
        #expect(channel.isActive)
        try channel.writeInbound(HTTPRequestPart.end(nil))
        channel.embeddedEventLoop.advanceTime(by: .minutes(10))
        #expect(channel.isActive)
    }

    @Test func whatStopsHalfWayIsEnded() throws {
        try begin()
        try body(3 * BodyPace.bytesPerSecond)
        channel.embeddedEventLoop.advanceTime(by: .seconds(18))
        #expect(channel.isActive)
        channel.embeddedEventLoop.advanceTime(by: .seconds(2))
        #expect(!channel.isActive)
    }
}
