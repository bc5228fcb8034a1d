import CardLayout
import ISO7816

/// What a virtual card forgets without power: selection, security registers and challenges.
struct Session {
    /// The current directory.
    var directory: DirectoryNode?
    /// The current elementary file.
    var file: FileNode? {
        didSet { if file !== oldValue { recordPointer = nil } }
    }
    /// Whether the registers are a number or a bit for each state.
    let units: COSProfile.AccessUnits
    /// The MF's security register: 0–15, or a bit for each state.
    var masterRegister: UInt16 = 0
    /// The current directory's security register; the MF's own while in the MF.
    var directoryRegister: UInt16 = 0
    /// What the card answered to its last reset, whatever it shall answer to the next.
    var answerToReset: [UInt8] = []
    /// True once the master file was selected since the card has power.
    var hasSelectedMaster = false
    /// True once the owner of a blank has proved to be at work.
    var isOwnerProved = false
    /// True while the stay in a directory that was entered empty lasts.
    var isFree = false
    /// The record of the current file that was read last by tag, for next and previous.
    var recordPointer: Int?
    /// Challenges that can still be used, newest first.
    var challenges: [[UInt8]] = []
    /// The purchase that was begun by the command before.
    var purchase: BegunPurchase?
    /// The answer that waits for GET RESPONSE, with its status word.
    var pending: ResponseAPDU?

    init(units: COSProfile.AccessUnits) { self.units = units }

    /// Whether an access byte `XY` is met (cos-dialects §2.2).
    ///
    /// Levels: `0Y` asks the MF's register, else Y ≤ register ≤ X. Bits:
    /// `0Y` is free, else one of the bits Y to X is set.
    func isMet(_ right: UInt8) -> Bool {
        let high = UInt16(right >> 4)
        let low = UInt16(right & 0x0F)
        switch units {
        case .level:
            return high == 0 ? masterRegister >= low : low <= directoryRegister && directoryRegister <= high
        case .bits:
            return high == 0 || low <= high && (low...high).contains { directoryRegister & 1 << $0 != 0 }
        }
    }

    /// Enters a directory: the directory's register is cleared, the MF's is kept.
    mutating func enter(_ directory: DirectoryNode, isMaster: Bool) {
        self.directory = directory
        file = nil
        directoryRegister = isMaster ? masterRegister : 0
        isFree = directory.isEmpty
        challenges = []
        purchase = nil
    }

    /// Sets the state that a key or PIN leads to: in the MF both registers, else the directory's.
    mutating func reach(_ state: UInt8, inMaster: Bool) {
        let state = UInt16(state & 0x0F)
        directoryRegister = units == .level ? state : directoryRegister | 1 << state
        if inMaster { masterRegister = directoryRegister }
    }

    /// Clears what was reached in the MF.
    mutating func forgetMaster() {
        masterRegister = 0
        directoryRegister = 0
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
