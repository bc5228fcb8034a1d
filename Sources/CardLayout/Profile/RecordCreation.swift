/// How a record of a new file gets its first value: the profile setting `recordCreation`.
public enum RecordCreation: String, Hashable, Sendable, CaseIterable {
    /// The command that makes the record brings the value, while the new directory is free for everything.
    case withValue
    /// The record is made blank, and the value is written over it under the file's own right.
    case blankFirst
}
