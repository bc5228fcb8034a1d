public import Lifecycle

extension Act {
    /// Whether it tells that the holder has set a PIN of their own: a change that was carried to its end.
    ///
    /// A change that the end of the program broke off is booked too, and whether the card did it nobody knows; a reset is booked also when
    /// it broke off, and the log does not tell which it was.
    public var tellsOfHoldersPIN: Bool {
        if case .pinServed(.change, let ticket) = self { ticket != PINNote.interrupted } else { false }
    }
}
