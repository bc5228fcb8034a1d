/// Whether every page of a registry's file was looked at since it was opened; a broken one ends whatever is asked of it.
public enum PageStanding: String, Sendable {
    /// Nobody looks.
    case unchecked
    /// Not all were looked at yet.
    case checking
    /// All were, and are in order.
    case good
}
