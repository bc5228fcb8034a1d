/// All that a virtual card keeps without power.
struct CardMemory {
    /// The profile's name, so that a state file is opened under the rules it was made with.
    let profileName: String
    var answerToReset: [UInt8]
    /// Nil on a chip without a master file.
    var masterFile: DirectoryNode?
    /// After CARD BLOCK every command is refused.
    var isBlocked = false
    /// The version of the state file it was read from; a card that was not read from one has the newest.
    var writtenVersion = CardMemory.version
}
