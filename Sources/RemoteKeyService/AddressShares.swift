/// The addresses of a gateway, tried one by one within one time limit: one that does not answer leaves the others their share of it.
enum AddressShares {
    /// What the first address gives that gives anything.
    ///
    /// - Parameters:
    ///   - now: the clock.
    ///   - attempt: tries an address until its share of the time that is left is over, which is the same for all that are left.
    /// - Throws: what the last one threw.
    static func first<Address, Value>(
        of addresses: [Address], until deadline: ContinuousClock.Instant,
        now: () -> ContinuousClock.Instant = { .now },
        _ attempt: (Address, ContinuousClock.Instant) throws(GatewaySocket.Failure) -> Value
    ) throws(GatewaySocket.Failure) -> Value {
        var last = GatewaySocket.Failure.system("no address")
        for (index, address) in addresses.enumerated() {
            let start = now()
            do throws(GatewaySocket.Failure) {
                return try attempt(address, start + start.duration(to: deadline) / (addresses.count - index))
            } catch {
                last = error
            }
        }
        throw last
    }
}
