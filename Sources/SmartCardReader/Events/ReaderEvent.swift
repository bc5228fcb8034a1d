/// Something that happened to readers, to the cards in them, or to the PC/SC service.
public enum ReaderEvent: Hashable, Sendable {
    /// A reader slot is there: attached just now, or found when watching began or the service came back.
    case readerAttached(ReaderDescription)
    /// A reader slot is gone; what was in it was told as removed before.
    case readerDetached(ReaderName)
    /// A card is in the slot. Told again when the same card turns out to be mute, or answers after all.
    case cardInserted(ReaderDescription)
    /// The card is no longer in the slot.
    case cardRemoved(ReaderName)
    /// The service went away or refuses this user; whatever was attached is to be taken for gone until ``serviceRestored``.
    case serviceLost(ReaderError)
    /// The service is back; readers that went meanwhile are told as detached after this, and then the others and their cards anew.
    case serviceRestored
}
