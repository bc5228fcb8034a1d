import ISO7816
import Issuing

/// A lane whose commands are shown or kept, card by card.
struct TracedLane: CardLane {
    private let lane: any CardLane
    private let tracing: TraceOptions
    private let screen: LaneScreen

    init(_ lane: any CardLane, _ tracing: TraceOptions, on screen: LaneScreen) {
        self.lane = lane
        self.tracing = tracing
        self.screen = screen
    }

    var name: String { lane.name }

    func nextCard() async throws { try await lane.nextCard() }

    func withCard<Value: Sendable>(
        _ body: @Sendable (any CardChannel) throws -> Value
    ) async throws -> Value {
        try await lane.withCard { channel in
            try tracing.traced(channel, of: lane.name, telling: screen.above, body)
        }
    }
}
