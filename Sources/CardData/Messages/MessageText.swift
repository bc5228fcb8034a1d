/// The language of messages for people.
public enum MessageLanguage: String, Hashable, Sendable, CaseIterable {
    /// 中文.
    case chinese = "zh"
    /// English.
    case english = "en"
}

/// What a fault says to a person.
public struct MessageText: Hashable, Sendable {
    /// What happened, in one or two sentences; begins with the column's name when the fault has one.
    public let what: String
    /// What to do next.
    public let next: String
}
