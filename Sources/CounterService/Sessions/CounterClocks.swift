/// The two clocks that a counter is given; no part of the service looks at another.
public struct CounterClocks: Sendable {
    /// Unix time in milliseconds: for people and papers, never for a rule.
    public let wall: @Sendable () -> UInt64
    /// Milliseconds that only ever grow: for time-outs and waits.
    public let steady: @Sendable () -> UInt64
    /// The greatest error that the wall's clock may have, in milliseconds; nil when nobody knows.
    public let wallError: @Sendable () -> UInt32?

    /// Clocks from their readings.
    public init(
        wall: @escaping @Sendable () -> UInt64, steady: @escaping @Sendable () -> UInt64,
        wallError: @escaping @Sendable () -> UInt32? = { nil }
    ) {
        self.wallError = wallError
        self.wall = wall
        self.steady = steady
    }
}
