extension CompiledCard {
    /// The PIN record that VERIFY finds in a directory: its own or, where the profile climbs, that of the directories above.
    public func pinRecord(of directory: CompiledDirectory) -> KeyRecord? {
        var current: CompiledDirectory? = directory
        while let candidate = current {
            if let record = candidate.security.keys.first(where: \.isPIN) { return record }
            guard profile.pinLookup == .climb, let parent = candidate.directory?.parent else { return nil }
            current = self.directory(parent)
        }
        return nil
    }
}
