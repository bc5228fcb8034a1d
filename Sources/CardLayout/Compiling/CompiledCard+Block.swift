extension CompiledCard {
    /// The key of CARD BLOCK; nil where the profile says that the card cannot be blocked.
    public var cardBlockKey: KeyRecord? {
        profile.cardBlock == .mac ? masterFile.security.cardBlockKey : nil
    }
}

extension DirectorySecurity {
    /// The key of CARD BLOCK, of a master file (cos-dialects §6.7).
    var cardBlockKey: KeyRecord? { keys.first { $0.type == 0x36 && $0.identifier == 0x00 } }
}
