public import ISO7816

/// Why a reader or the card in it cannot be used.
public enum ReaderError: Error, Hashable, Sendable {
    /// pcscd does not run.
    case serviceNotRunning
    /// polkit, or the permissions of the service's socket, keep this user away.
    case accessRefused
    /// The service has no room for another context.
    case serviceFull
    /// No reader is attached.
    case noReader
    /// No reader has that name.
    case readerNotFound(String, available: [ReaderName])
    /// More than one reader fits the text, or no text was given and there is more than one.
    case ambiguous(String?, matches: [ReaderName])
    /// The reader was unplugged.
    case readerRemoved(ReaderName)
    /// The slot is empty.
    case noCard(ReaderName)
    /// No reader was chosen, and every slot is empty.
    case noCardAnywhere([ReaderName])
    /// A card is in the slot but does not answer.
    case cardMute(ReaderName)
    /// The card speaks neither T=0 nor T=1, or its answer to reset is malformed.
    case cardUnsupported(ReaderName)
    /// Another program holds the card, and the system does not tell which.
    case cardHeld(ReaderName)
    /// Another program holds the card: one of these, which are connected to the service.
    case cardHeldByOneOf(ReaderName, [ServiceClient])
    /// The exchange with the card broke off.
    case card(CardChannelError, ReaderName?)
    /// A PC/SC function failed with a code that has no case of its own.
    case system(function: String, code: Int)
}
