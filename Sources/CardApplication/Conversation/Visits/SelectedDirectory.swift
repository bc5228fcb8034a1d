import ByteText
import CardLayout

/// A directory that a conversation can stand in, by everything that selects it: whoever comes by its name stands where the identifier leads.
public struct SelectedDirectory: Hashable, Sendable {
    /// Its name in the layout, `MF` for the master file; nil where nothing is known of it.
    let name: String?
    /// What SELECT may name it by, its identifier first where that is known.
    let selections: [[UInt8]]

    /// Whether it lies in the master file itself.
    let liesInMasterFile: Bool
    /// The identifiers of the files that the layout has in it: selecting one leads nowhere else.
    let files: [[UInt8]]
    /// Those of the card that it may be, where it is not certain which one is current; empty for one that is known.
    let candidates: [SelectedDirectory]

    /// The master file of a card whose layout is not known.
    static let masterFile = SelectedDirectory(
        name: "MF", selections: [[0x3F, 0x00], Array("1PAY.SYS.DDF01".utf8)])

    private init(
        name: String?, selections: [[UInt8]], liesInMasterFile: Bool = false, files: [[UInt8]] = [],
        candidates: [SelectedDirectory] = []
    ) {
        self.liesInMasterFile = liesInMasterFile
        self.name = name
        self.selections = selections
        self.files = files
        self.candidates = candidates
    }

    /// A directory of which nothing is known but what selected it, and which ones it may be.
    init(selectedBy selection: [UInt8], perhaps candidates: [SelectedDirectory]) {
        self.init(name: nil, selections: [selection], candidates: candidates)
    }

    /// A directory of a card: its identifier, and its name where it has one.
    private init(_ directory: CompiledDirectory, _ profile: COSProfile) {
        var selections = [directory.identifier.bigEndianBytes]
        if directory.directory == nil { selections = Self.masterFile.selections }
        // the issuer's security domain stands in the master file's place
        let domain = directory.directory == nil ? profile.globalPlatform?.securityDomain : nil
        if let name = domain ?? directory.directory.flatMap(profile.selectionName) { selections.append(name) }
        let files = directory.files + [directory.informationFile].compactMap(\.self)
        let liesInMasterFile = directory.directory.map { $0.parent == nil } ?? false
        self.init(
            name: directory.name, selections: selections, liesInMasterFile: liesInMasterFile,
            files: files.map(\.identifier.bigEndianBytes))
    }

    /// The directories of a card, the master file first.
    static func all(of card: CompiledCard) -> [SelectedDirectory] {
        ([card.masterFile] + card.directories).map { SelectedDirectory($0, card.profile) }
    }
}
