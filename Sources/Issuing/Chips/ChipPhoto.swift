public import CardLayout

/// What a chip has of its holder's photo (数字相片, SSSE EF08).
public enum ChipPhoto: Hashable, Sendable {
    /// Nobody asked for it.
    case notRead
    /// The layout has none, or nothing was ever written there.
    case absent
    /// It opens to a key that is not here.
    case closed
    /// The card itself warned of it (6281): it is not shown.
    case damaged
    /// What stands there is no picture that can be shown.
    case unreadable
    /// The picture, without what fills the file behind it.
    case picture(Picture)
}
