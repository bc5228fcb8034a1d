/// The two clocks that a counter is given; no part of the service looks at another.
public struct CounterClocks: Sendable {
    /// Unix time in milliseconds: for people and papers, never for a rule.
    public let wall: @Sendable () -> UInt64
    /// Milliseconds that only ever grow: for time-outs and waits.
    public let steady: @Sendable () -> UInt64

    /// Clocks from their readings.
    public init(wall: @escaping @Sendable () -> UInt64, steady: @escaping @Sendable () -> UInt64) {
        self.wall = wall
        self.steady = steady
    }
}
