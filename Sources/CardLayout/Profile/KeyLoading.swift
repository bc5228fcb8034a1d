/// In which protected form a new key comes to the card: the profile setting `keyLoading` (cos-dialects §4.2).
///
/// In plain a key comes wherever the key file's add right is met; how it is updated its type says.
public enum KeyLoading: String, Hashable, Sendable, CaseIterable {
    /// By cipher and MAC.
    case enciphered
    /// In plain with a MAC.
    case mac
    /// Either way.
    case both
}
