public import CardLayout
import ISO7816

/// A card without plastic: it answers commands as a card of its COS profile does, with access rules, error counters and
/// challenges, and gets keys only through commands.
///
/// Not for use from several threads at once.
public final class VirtualCard {
    /// An answer that is only a status word.
    struct Refusal: Error {
        let statusWord: StatusWord
        init(_ statusWord: StatusWord) { self.statusWord = statusWord }
    }

    let profile: COSProfile
    var memory: CardMemory
    var session: Session
    private var challengeSource: ChallengeSource
    private let stateFile: StateFile?
    private var isPowered = false
    private var hasUnsyncedWrites = false
    /// True once a command has changed the memory; cleared when the change is stored.
    var isChanged = false
    /// What the state file holds, to go back to when a change cannot be stored; nil for a card in memory only.
    private var stored: [UInt8]?

    init(profile: COSProfile, memory: CardMemory, stateFile: StateFile?, challenges: ChallengeSource) {
        self.profile = profile
        self.memory = memory
        session = Session(units: profile.accessUnits)
        self.stateFile = stateFile
        challengeSource = challenges
        if stateFile != nil { stored = memory.encoded }
    }

    /// A blank card in memory only.
    ///
    /// - Parameter serialNumber: the chip's six bytes; they end the ATR.
    public convenience init(
        profile: COSProfile, serialNumber: [UInt8], challenges: ChallengeSource = .random
    ) throws(StateFileError) {
        self.init(
            profile: profile, memory: try Self.blank(profile, serialNumber), stateFile: nil, challenges: challenges)
    }

    /// The card of an ``image``, in memory only; `profiles` finds the profile that the image names.
    public convenience init(
        image: [UInt8], challenges: ChallengeSource = .random, profiles: (String) throws -> COSProfile
    ) throws {
        let memory = try CardMemory(encoded: image)
        self.init(
            profile: try profiles(memory.profileName), memory: memory, stateFile: nil, challenges: challenges)
    }

    /// Makes a blank card and writes its state file; an existing file is left alone.
    public static func makeBlank(
        profile: COSProfile, serialNumber: [UInt8], stateFile path: String
    ) throws(StateFileError) {
        let file = StateFile(path: path)
        if file.exists { throw .existsAlready(path) }
        try file.write(blank(profile, serialNumber), durably: true)
    }

    /// Writes the card as it is now to a state file of its own; an existing file is left alone.
    public func write(stateFile path: String) throws(StateFileError) {
        let file = StateFile(path: path)
        if file.exists { throw .existsAlready(path) }
        try file.write(memory, durably: true)
    }

    /// Opens the card of a state file; `profiles` finds the profile that the file names.
    public static func open(
        stateFile path: String, challenges: ChallengeSource = .random,
        profiles: (String) throws -> COSProfile
    ) throws -> VirtualCard {
        let file = StateFile(path: path)
        let memory = try file.read()
        return VirtualCard(
            profile: try profiles(memory.profileName), memory: memory, stateFile: file, challenges: challenges)
    }

    private static func blank(_ profile: COSProfile, _ serialNumber: [UInt8]) throws(StateFileError) -> CardMemory {
        guard serialNumber.count == 6 else { throw .serialNumber }
        return CardMemory(
            profileName: profile.name, answerToReset: profile.answerToResetPrefix + serialNumber,
            masterFile: factoryMasterFile(profile))
    }

    /// Everything the card keeps without power, as bytes: equal bytes mean an equal card.
    public var image: [UInt8] { memory.encoded }

    // MARK: - Power

    /// Power on or reset: MF selected, registers 0, no challenge (cos-dialects §11, 4).
    public func powerOn() {
        isPowered = true
        session = Session(units: profile.accessUnits)
        session.answerToReset = memory.answerToReset
        if let masterFile = memory.masterFile { session.enter(masterFile, isMaster: true) }
    }

    /// Power off: what is in memory stays, all else is gone.
    public func powerOff() {
        isPowered = false
        session = Session(units: profile.accessUnits)
        sync()
    }

    /// Brings everything written so far to the disk.
    public func sync() {
        guard hasUnsyncedWrites, let stateFile else { return }
        if (try? stateFile.write(memory, durably: true)) != nil { hasUnsyncedWrites = false }
    }

    // MARK: - Commands

    /// Answers one command, and only after what it changed is stored.
    public func respond(to bytes: [UInt8]) -> [UInt8] {
        if !isPowered { powerOn() }
        let before = session
        let response: ResponseAPDU
        do {
            response = try answer(CommandAPDU(bytes: bytes))
        } catch {
            response = ResponseAPDU(.wrongLength)
        }
        guard isChanged else { return response.bytes }
        isChanged = false
        guard let stateFile else { return response.bytes }
        do {
            stored = try stateFile.write(memory, durably: false)
            hasUnsyncedWrites = true
            return response.bytes
        } catch {
            goBack(to: before)
            return ResponseAPDU(.memoryFailure).bytes
        }
    }

    /// Undoes a command whose change could not be stored: all or nothing (cos-dialects §11, 9).
    private func goBack(to before: Session) {
        guard let stored, let kept = try? CardMemory(encoded: stored) else { return }
        memory = kept
        session = before.moved(to: kept)
    }

    private func answer(_ command: CommandAPDU) -> ResponseAPDU {
        let waiting = session.pending
        session.pending = nil
        do {
            if command.cla == 0x00, command.ins == 0xC0, !memory.isBlocked {
                return try getResponse(command, waiting: waiting)
            }
            if command.ins != 0x54 { session.purchase = nil }
            let result = try execute(command)
            if command.ins != 0x84 { forgetChallenges(after: command) }
            return deliver(result.data, result.warning ?? .success, to: command)
        } catch let refusal as Refusal {
            forgetChallenges(after: command)
            return ResponseAPDU(refusal.statusWord)
        } catch {
            return ResponseAPDU(.memoryFailure)
        }
    }

    /// A command's data and, where reading warns, its status word.
    struct Result {
        var data: [UInt8] = []
        var warning: StatusWord?
    }

    private func execute(_ command: CommandAPDU) throws -> Result {
        if let result = try makerCommand(command) { return result }
        guard [0x00, 0x04, 0x80, 0x84].contains(command.cla) else { throw Refusal(.classNotSupported) }
        guard !memory.isBlocked else { throw Refusal(.functionNotSupported) }
        if let result = try publicKeyCommand(command) { return result }
        let instruction = Instruction(command)
        let own = profile.family == .fmcos || profile.family == .timecos ? Self.creationHandlers[instruction] : nil
        guard let handler = own ?? Self.handlers[instruction] else { throw Refusal(.instructionNotSupported) }
        guard command.data.count <= profile.largestCommandData else { throw Refusal(.wrongLength) }
        try demandUnlocked(command)
        return try handler(self)(command)
    }

    /// Class (without its secure-messaging bit) and instruction, which together choose the handler.
    private struct Instruction: Hashable {
        let isProprietary: Bool
        let ins: UInt8

        init(isProprietary: Bool, ins: UInt8) {
            self.isProprietary = isProprietary
            self.ins = ins
        }

        init(_ command: CommandAPDU) {
            isProprietary = command.cla & 0x80 != 0
            ins = command.ins
        }
    }

    private typealias Handler = (VirtualCard) -> (CommandAPDU) throws -> Result

    /// How FMCOS and TimeCOS create files and keys; other makers' cards have commands of their own.
    nonisolated(unsafe) private static let creationHandlers: [Instruction: Handler] = [
        Instruction(isProprietary: true, ins: 0x0E): VirtualCard.eraseDirectory,
        Instruction(isProprietary: true, ins: 0xE0): VirtualCard.create,
        Instruction(isProprietary: true, ins: 0xD4): VirtualCard.writeKey,
        Instruction(isProprietary: false, ins: 0xE4): VirtualCard.deleteFile,
    ]

    nonisolated(unsafe) private static let handlers: [Instruction: Handler] = [
        Instruction(isProprietary: true, ins: 0x16): VirtualCard.blockCard,
        Instruction(isProprietary: true, ins: 0x18): VirtualCard.unblockApplication,
        Instruction(isProprietary: true, ins: 0x1E): VirtualCard.blockApplication,
        Instruction(isProprietary: true, ins: 0x24): VirtualCard.resetPIN,
        Instruction(isProprietary: true, ins: 0x50): VirtualCard.initializePurchase,
        Instruction(isProprietary: true, ins: 0x54): VirtualCard.debitPurchase,
        Instruction(isProprietary: true, ins: 0x5C): VirtualCard.getBalance,
        Instruction(isProprietary: true, ins: 0x5E): VirtualCard.changePIN,
        Instruction(isProprietary: false, ins: 0xA4): VirtualCard.select,
        Instruction(isProprietary: false, ins: 0xB0): VirtualCard.readBinary,
        Instruction(isProprietary: false, ins: 0xB2): VirtualCard.readRecord,
        Instruction(isProprietary: false, ins: 0xD6): VirtualCard.updateBinary,
        Instruction(isProprietary: false, ins: 0xD0): VirtualCard.updateBinary,
        Instruction(isProprietary: false, ins: 0xDC): VirtualCard.updateRecord,
        Instruction(isProprietary: false, ins: 0xD2): VirtualCard.updateRecord,
        Instruction(isProprietary: false, ins: 0xE2): VirtualCard.appendRecord,
        Instruction(isProprietary: false, ins: 0x84): VirtualCard.getChallenge,
        Instruction(isProprietary: false, ins: 0x82): VirtualCard.externalAuthenticate,
        Instruction(isProprietary: false, ins: 0x88): VirtualCard.internalAuthenticate,
        Instruction(isProprietary: false, ins: 0x20): VirtualCard.verify,
    ]

    // MARK: - Transport

    /// Sends data as the transport does: T=0 announces it with 61xx after a command with data, and asks for the right Le
    /// with 6Cxx (cos-dialects §6.9).
    private func deliver(_ data: [UInt8], _ statusWord: StatusWord, to command: CommandAPDU) -> ResponseAPDU {
        guard !data.isEmpty else { return ResponseAPDU(statusWord) }
        if profile.transport == .t0 && (!command.data.isEmpty || command.expectedLength == nil) {
            session.pending = ResponseAPDU(data: data, statusWord)
            return ResponseAPDU(.bytesWaiting(data.count))
        }
        // Le 00 stands for 256 under T=0; the direct transport takes it for everything.
        let isWhole = command.expectedLength == 256 && profile.transport == .direct || ignoresLe(of: command)
        if let expected = command.expectedLength, !isWhole, expected != data.count {
            return ResponseAPDU(.correctLength(data.count))
        }
        return ResponseAPDU(data: data, statusWord)
    }

    private func getResponse(_ command: CommandAPDU, waiting: ResponseAPDU?) throws -> ResponseAPDU {
        guard command.p1 == 0, command.p2 == 0 else { throw Refusal(.incorrectParameters) }
        guard let waiting else { throw Refusal(.wrongLength) }
        guard [256, waiting.data.count].contains(command.expectedLength ?? 256) else {
            session.pending = waiting
            return ResponseAPDU(.correctLength(waiting.data.count))
        }
        return waiting
    }

    // MARK: - Challenges

    private func forgetChallenges(after command: CommandAPDU) {
        // a protected command uses its challenge up, right or wrong: else it could be sent again
        if command.cla & 0x04 != 0 { session.challenges = [] }
        switch profile.challengeLife {
        case .nextCommand: session.challenges = []
        case .socialSecurity: if command.ins == 0x82 { session.challenges = [] }
        }
    }

    func newChallenge(_ count: Int) throws -> [UInt8] {
        guard let challenge = challengeSource.next(count) else { throw Refusal(.memoryFailure) }
        session.challenges = Array(([challenge] + session.challenges).prefix(2))
        return challenge
    }

    // MARK: - What commands share

    func currentDirectory() throws -> DirectoryNode {
        guard let directory = session.directory else { throw Refusal(.functionNotSupported) }
        return directory
    }

    var isInMasterFile: Bool { session.directory === memory.masterFile }

    /// Whether an access byte is met, or the freedom of an empty directory still lasts.
    func demand(_ right: UInt8) throws {
        guard session.isFree || session.isMet(right) else { throw Refusal(.securityStatusNotSatisfied) }
    }
}
