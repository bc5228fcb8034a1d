import CPCSC

/// Which slots and cards are known, and what has happened between two looks at them.
struct ReaderInventory {
    private var slots: [ReaderStatus] = []
    /// The slots that were known when the service went away, until it is looked at again.
    private var lost: [ReaderName] = []

    /// Takes note of a new look.
    ///
    /// A card that was changed between two looks shows only in the slot's event counter, and is told as one removal and one
    /// insertion.
    ///
    /// - Returns: what has happened, removals before insertions of the same slot.
    mutating func take(_ found: [ReaderStatus]) -> [ReaderEvent] {
        // A reader that is just being unplugged is still listed, but cannot say what is in it.
        let found = found.filter { $0.cardState != .unknown }
        // what went while nobody could look; the others are told anew
        var events = lost.filter { name in !found.contains { $0.name == name } }.map(ReaderEvent.readerDetached)
        lost = []
        for slot in slots where !found.contains(where: { $0.name == slot.name }) {
            if slot.hasCard { events.append(.cardRemoved(slot.name)) }
            events.append(.readerDetached(slot.name))
        }
        for slot in found {
            guard let before = slots.first(where: { $0.name == slot.name }) else {
                events.append(.readerAttached(slot.description))
                if slot.hasCard { events.append(.cardInserted(slot.description)) }
                continue
            }
            let isOther = before.eventCounter != slot.eventCounter
            if before.hasCard, isOther || !slot.hasCard { events.append(.cardRemoved(slot.name)) }
            if slot.hasCard, isOther || before.cardState != slot.cardState {
                events.append(.cardInserted(slot.description))
            }
        }
        slots = found
        return events
    }

    /// Takes note that the service went away: what is there afterwards is told anew, and what is not, as detached.
    mutating func loseService() {
        lost += slots.map(\.name).filter { !lost.contains($0) }
        slots = []
    }

    /// The slots with their last states, to wait until one differs.
    var known: [(name: ReaderName, known: DWORD)] { slots.map { ($0.name, $0.rawState) } }
}

extension ReaderStatus {
    fileprivate var hasCard: Bool { cardState == .present || cardState == .mute }
}
