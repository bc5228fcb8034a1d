import NIOCore
import NIOHTTPTypes

/// Closes a connection whose request comes so slowly that it only holds the place of another.
///
/// Silence is Hummingbird's to end; a byte now and then is no silence. After ``grace`` a body must have come at ``bytesPerSecond`` at least.
final class BodyPace: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPRequestPart
    typealias InboundOut = HTTPRequestPart

    /// What a form of any line takes until it is there.
    static let grace: TimeAmount = .seconds(15)
    /// Slower than any line that a window works over.
    static let bytesPerSecond = 16 * 1024

    private var begun: NIODeadline?
    private var received = 0
    private var watch: Scheduled<Void>?

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head:
            begun = context.eventLoop.now
            received = 0
            look(context, after: Self.grace)
        case .body(let part): received += part.readableBytes
        case .end: rest()
        }
        context.fireChannelRead(data)
    }

    func channelInactive(context: ChannelHandlerContext) {
        rest()
        context.fireChannelInactive()
    }

    func handlerRemoved(context: ChannelHandlerContext) { rest() }

    private func look(_ context: ChannelHandlerContext, after time: TimeAmount) {
        watch?.cancel()
        watch = context.eventLoop.assumeIsolated().scheduleTask(in: time) { self.judge(context) }
    }

    private func judge(_ context: ChannelHandlerContext) {
        guard let begun else { return }
        let due = (context.eventLoop.now - begun - Self.grace).nanoseconds / 1_000_000_000 * Int64(Self.bytesPerSecond)
        if received < max(due, 1) {
            context.close(promise: nil)
        } else {
            look(context, after: .seconds(1))
        }
    }

    private func rest() {
        begun = nil
        watch?.cancel()
        watch = nil
    }
}
