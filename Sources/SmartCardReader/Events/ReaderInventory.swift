import CPCSC

/// Which slots and cards are known, and what has happened between two looks at them.
struct ReaderInventory {
    private var slots: [ReaderStatus] = []

    /// Takes note of a new look.
    ///
    /// A card that was changed between two looks shows only in the slot's event counter, and is told as one removal and one
    /// insertion.
    ///
    /// - Returns: what has happened, removals before insertions of the same slot.
    mutating func take(_ found: [ReaderStatus]) -> [ReaderEvent] {
        // A reader that is just being unplugged is still listed, but cannot say what is in it.
        let found = found.filter { $0.cardState != .unknown }
        var events: [ReaderEvent] = []
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

    /// The slots with their last states, to wait until one differs.
    var known: [(name: ReaderName, known: DWORD)] { slots.map { ($0.name, $0.rawState) } }
}

extension ReaderStatus {
    fileprivate var hasCard: Bool { cardState == .present || cardState == .mute }
}
