public import CardLayout

/// The order in which a card is read: what decides a screen first, what takes longest last.
///
/// Each directory is entered once, those that the layout names in `readOrder` before all others; then those again that hold files
/// of several commands, such as fingerprints and pictures.
public struct ReadingOrder: Hashable, Sendable {
    /// One stay in a directory.
    public struct Stay: Hashable, Sendable {
        /// The directory.
        public let directory: CompiledDirectory
        /// The files that are read in this stay.
        public let files: [CompiledFile]
    }

    /// The most bytes that one command brings.
    private static let oneCommand = 256

    /// The stays, the first one first.
    public let stays: [Stay]

    /// The order for a card of a layout.
    public init(_ compiled: CompiledCard) {
        let named = compiled.layout.readOrder
        let first = named.compactMap(compiled.directory)
        let directories = first + compiled.directories.filter { !named.contains($0.name) }
        // A directory without files is entered as well: that it is there says something.
        let short = directories.map { directory in
            Stay(directory: directory, files: directory.files.filter { !Self.isLong($0) })
        }
        let long = directories.map { directory in
            Stay(directory: directory, files: directory.files.filter(Self.isLong))
        }
        stays = short + long.filter { !$0.files.isEmpty }
    }

    private static func isLong(_ file: CompiledFile) -> Bool {
        guard case .transparent(let size)? = file.file?.structure else { return false }
        return size > oneCommand
    }
}
