import IssuerKeys
import Personalization

extension JournalContent {
    private static let note = "keyVersions"

    /// The note that a journal keeps of the versions of keys its card is begun with, so that a card that is torn while a version is
    /// switched is finished with the keys it has.
    static func notes(of versions: CardKeyVersions?) -> [String: String] {
        versions.map { [note: $0.description] } ?? [:]
    }

    /// The versions noted; version 1 of every key for a journal from before versions were noted.
    var keyVersions: CardKeyVersions { notes[Self.note].flatMap { CardKeyVersions($0) } ?? .unrecorded }

    /// As the registry records them; empty when none were noted.
    var recordedKeyVersions: String { notes[Self.note] ?? "" }
}
