import CardLayout

extension CompiledCard {
    /// The directories that both have, and of which the other one lacks files.
    func directoriesWithMoreFiles(than other: CompiledCard) -> Set<String> {
        Set(
            directories.filter { directory in
                guard let before = other.directory(directory.name) else { return false }
                return directory.files.contains { before.file($0.name) == nil }
            }.map(\.name))
    }
}
