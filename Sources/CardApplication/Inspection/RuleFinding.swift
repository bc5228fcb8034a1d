public import CardData

/// What a look at a live card says of one rule of its layout.
public struct RuleFinding: Hashable, Sendable {
    /// The rules.
    public enum Rule: String, Hashable, Sendable, CaseIterable {
        /// The card answers INTERNAL AUTHENTICATE as the issuer's keys say.
        case genuine
        /// The directory can be selected.
        case directoryPresent = "directory-present"
        /// The file is there.
        case filePresent = "file-present"
        /// The file has the structure of the layout.
        case structure
        /// Number and length of the records, or size of the file.
        case lengths
        /// Without any right the file, or the record of an element, is open or closed as its rule says.
        case readWithoutRights = "read-without-rights"
        /// With the right keys it is open.
        case readWithRights = "read-with-rights"
        /// The write rule.
        case write
        /// The element's value decodes and fits: coding, form, check digits, code table.
        case value
        /// A card cannot be issued without the element.
        case mandatory
        /// The card has no place of a region that the layout does not have.
        case notInLayout = "not-in-layout"
    }

    /// What was found.
    public enum Verdict: Hashable, Sendable {
        /// As the layout says.
        case ok
        /// Otherwise; why.
        case violated([Fault])
        /// Nobody asked the card; why.
        case notProbed(Reason)
    }

    /// Why a rule was not probed.
    public enum Reason: String, Hashable, Sendable, CaseIterable {
        /// Only a write could tell, and nobody asked for one.
        case wouldWrite = "would-write"
        /// A write would add a row to a ring.
        case wouldAppend = "would-append"
        /// Everybody may write it: no refusal tells anything.
        case openToAll = "open-to-all"
        /// Writes are protected, and one without protection might count against the file's key.
        case protectedWrites = "protected-writes"
        /// No key store was given.
        case noKeys = "no-keys"
        /// The key store is not this card's: its keys would cost tries.
        case otherKeys = "other-keys"
        /// No PIN was given, or no key that may be presented opens it.
        case notOpened = "not-opened"
        /// The file was never written, so that it has no content to judge.
        case neverWritten = "never-written"
        /// The directory is not there.
        case absent
        /// The profile has no key for it.
        case noKeyInProfile = "no-key-in-profile"
        /// The card's application keeps the rule or does not: nothing public says which.
        case ownAffair = "own-affair"
    }

    /// The rule.
    public let rule: Rule
    /// The directory's name; nil for the card.
    public let directory: String?
    /// The file's name; nil for a directory.
    public let file: String?
    /// The element's name; nil for a file.
    public let element: String?
    /// What the place is called, in Chinese.
    public let title: String
    /// What was found.
    public let verdict: Verdict
}
