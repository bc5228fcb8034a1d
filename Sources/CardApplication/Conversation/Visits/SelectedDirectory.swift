import ByteText
import CardLayout

/// A directory that a conversation can stand in, by everything that selects it: whoever comes by its name stands where the identifier leads.
public struct SelectedDirectory: Hashable, Sendable {
    /// Its name in the layout, `MF` for the master file; nil where nothing is known of it.
    let name: String?
    /// What SELECT may name it by, its identifier first where that is known.
    let selections: [[UInt8]]

    /// A directory of which nothing is known but what selected it.
    init(selectedBy selection: [UInt8]) {
        name = nil
        selections = [selection]
    }

    /// A directory of a card: its identifier, and its name where it has one.
    private init(_ directory: CompiledDirectory, _ profile: COSProfile) {
        name = directory.name
        let selectionName = directory.directory.flatMap(profile.selectionName)
        selections = [directory.identifier.bigEndianBytes] + (selectionName.map { [$0] } ?? [])
    }

    /// The directories of a card, the master file first.
    static func all(of card: CompiledCard) -> [SelectedDirectory] {
        ([card.masterFile] + card.directories).map { SelectedDirectory($0, card.profile) }
    }
}
