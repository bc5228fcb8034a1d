import CardCryptography
public import CardLayout
import ISO7816

/// A PSAM without plastic: it holds issuer keys, diversifies them inside and calculates with what comes out, and gives none of
/// them back (cos-dialects §7).
///
/// Keys get in by WRITE KEY under its own master key, or with the state file. Not for use from several threads at once.
public final class VirtualPSAM {
    /// An answer that is only a status word.
    struct Refusal: Error {
        let statusWord: StatusWord
        init(_ statusWord: StatusWord) { self.statusWord = statusWord }
    }

    let profile: PSAMProfile
    var memory: PSAMMemory
    var session = PSAMSession()
    private var challengeSource: ChallengeSource
    private let stateFile: StateFile?

    private init(profile: PSAMProfile, memory: PSAMMemory, stateFile: StateFile?, challenges: ChallengeSource) {
        self.profile = profile
        self.memory = memory
        self.stateFile = stateFile
        challengeSource = challenges
    }

    /// A blank module in memory only: the published master key, and no other.
    ///
    /// - Parameter serialNumber: the chip's six bytes; they end the ATR.
    public convenience init(
        profile: PSAMProfile, serialNumber: [UInt8], challenges: ChallengeSource = .random
    ) throws(StateFileError) {
        self.init(
            profile: profile, memory: try Self.blank(profile, serialNumber), stateFile: nil, challenges: challenges)
    }

    /// Makes a blank module and writes its state file; an existing file is left alone.
    public static func makeBlank(
        profile: PSAMProfile, serialNumber: [UInt8], stateFile path: String
    ) throws(StateFileError) {
        let file = StateFile(path: path)
        if file.exists { throw .existsAlready(path) }
        try file.write(checked: blank(profile, serialNumber).encoded, durably: true)
    }

    /// Opens the module of a state file; nil when the file is of another kind.
    ///
    /// `profiles` finds the profile that the file names.
    public static func open(
        stateFile path: String, challenges: ChallengeSource = .random, profiles: (String) throws -> PSAMProfile
    ) throws -> VirtualPSAM? {
        let file = StateFile(path: path)
        let bytes = try file.readBytes()
        guard bytes.starts(with: PSAMMemory.magic) else { return nil }
        let memory = try PSAMMemory(stateFile: bytes)
        return VirtualPSAM(
            profile: try profiles(memory.profileName), memory: memory, stateFile: file, challenges: challenges)
    }

    private static func blank(_ profile: PSAMProfile, _ serialNumber: [UInt8]) throws(StateFileError) -> PSAMMemory {
        guard serialNumber.count == 6 else { throw .serialNumber }
        // public information as PBOC has it: ten bytes serial number, version, key card type, issuer's data
        var information = [UInt8](repeating: 0, count: max(14, profile.version.offset + 1))
        information.replaceSubrange(4..<10, with: serialNumber)
        information[profile.version.offset] = profile.version.new
        return PSAMMemory(
            profileName: profile.name, answerToReset: profile.answerToResetPrefix + serialNumber,
            files: [
                profile.version.file: information,
                profile.terminalNumberFile: [UInt8](repeating: 0xFF, count: 6),
                profile.areaFile: [UInt8](repeating: 0xFF, count: 6),
            ],
            keys: [
                PSAMMemory.Key(
                    file: 0, use: 0, identifier: 0, version: 0, algorithm: profile.tripleDES.code,
                    value: profile.transportKey)
            ],
            masterTriesLeft: profile.masterTries)
    }

    /// The version byte of the module.
    var version: UInt8 {
        let information = memory.files[profile.version.file] ?? []
        return information.indices.contains(profile.version.offset) ? information[profile.version.offset] : 0
    }

    // MARK: - Commands

    private func answer(_ command: CommandAPDU) -> ResponseAPDU {
        let waiting = session.pending
        session.pending = nil
        let challenge = session.challenge
        session.challenge = nil
        let before = memory
        do {
            if command.cla == 0x00, command.ins == 0xC0 { return try getResponse(command, waiting: waiting) }
            let data = try execute(command, challenge: challenge)
            try store(before)
            return deliver(data, to: command)
        } catch let refusal as Refusal {
            // a wrong try is counted before it is told
            guard (try? store(before)) != nil else { return ResponseAPDU(.memoryFailure) }
            return ResponseAPDU(refusal.statusWord)
        } catch {
            return ResponseAPDU(.memoryFailure)
        }
    }

    /// Stores what a command changed; goes back to what was when that fails: all or nothing.
    private func store(_ before: PSAMMemory) throws {
        guard memory != before, let stateFile else { return }
        do {
            try stateFile.write(checked: memory.encoded, durably: true)
        } catch {
            memory = before
            throw error
        }
    }

    private func execute(_ command: CommandAPDU, challenge: [UInt8]?) throws -> [UInt8] {
        switch (command.cla, command.ins) {
        case (0x00, 0xA4): return try select(command)
        case (0x00, 0xB0): return try readBinary(command)
        case (0x00, 0xD6):
            try updateBinary(command)
            return []
        case (0x00, 0x84): return try getChallenge(command)
        case (0x00, 0x82):
            try externalAuthenticate(command, challenge)
            return []
        case (0x84, 0xD4):
            try writeKey(command, challenge)
            return []
        case (0x80, 0x1A):
            try initialize(command)
            return []
        case (0xBF, 0xDE):
            try deliverSessionKey(command)
            return []
        case (0x80, 0xFA): return try calculate(command)
        case (0x00, _), (0x80, _), (0x84, _), (0xBF, _): throw Refusal(.instructionNotSupported)
        default: throw Refusal(.classNotSupported)
        }
    }

    private func deliver(_ data: [UInt8], to command: CommandAPDU) -> ResponseAPDU {
        guard !data.isEmpty else { return ResponseAPDU(.success) }
        if profile.transport == .t0, !command.data.isEmpty || command.expectedLength == nil {
            session.pending = ResponseAPDU(data: data, .success)
            return ResponseAPDU(.bytesWaiting(data.count))
        }
        let isWhole = profile.transport == .direct && command.expectedLength == 256
        if let expected = command.expectedLength, !isWhole, expected != data.count {
            return ResponseAPDU(.correctLength(data.count))
        }
        return ResponseAPDU(data: data, .success)
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

    private func getChallenge(_ command: CommandAPDU) throws -> [UInt8] {
        guard command.p1 == 0, command.p2 == 0 else { throw Refusal(.incorrectParameters) }
        guard let count = command.expectedLength, [4, 8, 16].contains(count) else { throw Refusal(.wrongLength) }
        guard let challenge = challengeSource.next(count) else { throw Refusal(.memoryFailure) }
        session.challenge = challenge
        return challenge
    }
}

// MARK: - As a virtual reader sees it

extension VirtualPSAM: VirtualReaderCard {
    /// The answer to reset.
    public var answerToReset: [UInt8] { memory.answerToReset }

    /// Power on: the MF is selected, and nothing of an earlier session is left.
    public func powerOn() { session = PSAMSession() }

    /// Power off: what is in memory stays, all else is gone.
    public func powerOff() { session = PSAMSession() }

    /// A warm reset.
    public func reset() { powerOn() }

    /// Answers one command, and only after what it changed is stored.
    public func respond(to bytes: [UInt8]) -> [UInt8] {
        do {
            return answer(try CommandAPDU(bytes: bytes)).bytes
        } catch {
            return ResponseAPDU(.wrongLength).bytes
        }
    }

    /// Nothing to do: every change is on the disk before its answer.
    public func idle() {}
}
