import CardData

/// CREATE has two bytes for the memory that a directory or a key file takes: a larger one would be created smaller than it is.
extension CompiledDirectory {
    private static let most = 0xFFFF

    /// `layout.directory-too-large` for each size that does not fit into the command that has a place for it.
    func sizeFaults(_ profile: COSProfile, creation: CommandSet.Name) -> [Fault] {
        func has(_ field: CommandTemplate.Field, _ command: CommandSet.Name) -> Bool {
            profile.commands[command]?.fields.contains(field) ?? false
        }
        let sizes =
            (has(.size, creation) ? [space] : []) + (has(.keyFileSize, .createKeyFile) ? [keyFileSize] : [])
        return sizes.filter { $0 > Self.most }.map { size in
            Fault(
                "layout.directory-too-large",
                ["name": name, "size": String(size), "most": String(Self.most)], at: directory?.place ?? security.place)
        }
    }
}
