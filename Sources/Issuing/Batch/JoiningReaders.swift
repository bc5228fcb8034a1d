public import SmartCardReader

/// Readers that are plugged in while a batch runs.
public enum JoiningReaders {
    /// A lane for each reader that comes, and for one that goes and comes again.
    ///
    /// A restart of the PC/SC service tells all readers anew: those that are there still are lanes already, which wait through it.
    ///
    /// - Parameters:
    ///   - events: what happens to readers, such as ``ReaderEvents``.
    ///   - known: readers that are lanes from the first.
    ///   - isWanted: which readers may be lanes.
    ///   - lane: makes the lane of a reader.
    public static func lanes(
        of events: some AsyncSequence<ReaderEvent, Never> & Sendable, besides known: [ReaderName],
        where isWanted: @escaping @Sendable (ReaderName) -> Bool,
        lane: @escaping @Sendable (ReaderName) -> any CardLane
    ) -> AsyncStream<any CardLane> {
        AsyncStream { continuation in
            let watching = Task {
                var there = Set(known)
                for await event in events {
                    switch event {
                    case .readerAttached(let slot):
                        if isWanted(slot.name), there.insert(slot.name).inserted { continuation.yield(lane(slot.name)) }
                    case .readerDetached(let name): there.remove(name)
                    case .cardInserted, .cardRemoved, .serviceLost, .serviceRestored: break
                    }
                }
                continuation.finish()
            }
            continuation.onTermination = { _ in watching.cancel() }
        }
    }
}
