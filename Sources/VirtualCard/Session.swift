import ISO7816

/// What a virtual card forgets without power: selection, security registers and challenges.
struct Session {
    /// The current directory.
    var directory: DirectoryNode?
    /// The current elementary file.
    var file: FileNode? {
        didSet { if file !== oldValue { recordPointer = nil } }
    }
    /// The MF's security register, 0–15.
    var masterRegister: UInt8 = 0
    /// The current directory's security register; the MF's own while in the MF.
    var directoryRegister: UInt8 = 0
    /// True while the stay in a directory that was entered empty lasts.
    var isFree = false
    /// The record of the current file that was read last by tag, for next and previous.
    var recordPointer: Int?
    /// Challenges that can still be used, newest first.
    var challenges: [[UInt8]] = []
    /// The answer that waits for GET RESPONSE, with its status word.
    var pending: ResponseAPDU?

    /// Whether an access byte `XY` is met: `0Y` asks the MF's register, else Y ≤ register ≤ X (cos-dialects §2.2).
    func isMet(_ right: UInt8) -> Bool {
        let high = right >> 4
        let low = right & 0x0F
        return high == 0 ? masterRegister >= low : (low...max(low, high)).contains(directoryRegister) && low <= high
    }

    /// Enters a directory: the directory's register is cleared, the MF's is kept.
    mutating func enter(_ directory: DirectoryNode, isMaster: Bool) {
        self.directory = directory
        file = nil
        directoryRegister = isMaster ? masterRegister : 0
        isFree = directory.isEmpty
        challenges = []
    }

    /// Sets the state that a key or PIN leads to: in the MF both registers, else the directory's.
    mutating func reach(_ state: UInt8, inMaster: Bool) {
        directoryRegister = state & 0x0F
        if inMaster { masterRegister = state & 0x0F }
    }

    /// The same session over another copy of the memory.
    func moved(to memory: CardMemory) -> Session {
        var session = self
        session.directory = directory.flatMap { memory.masterFile?.descendant($0.path) }
        session.file = session.directory?.files.first { $0.identifier == file?.identifier }
        session.recordPointer = recordPointer
        return session
    }
}
