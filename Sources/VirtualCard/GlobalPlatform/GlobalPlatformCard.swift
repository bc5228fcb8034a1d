public import CardCryptography
public import CardLayout
import ISO7816

/// A Java card without plastic: a security domain with SCP02 or SCP03, applications that are installed, personalised by STORE DATA
/// and read by records (cos-dialects §14.5).
///
/// Its first keys are what the card maker would have put in; all others come by PUT KEY. What a real social security application
/// asks before it lets a record be read is not public, so a personalised instance gives its records freely. Not for use from
/// several threads at once.
public final class GlobalPlatformCard: VirtualReaderCard {
    /// An answer that is only a status word.
    struct Refusal: Error {
        let statusWord: StatusWord
        init(_ statusWord: StatusWord) { self.statusWord = statusWord }
    }

    let profile: GlobalPlatformProfile
    var content: GlobalPlatformCardContent
    var session = GlobalPlatformCardSession()
    private var challengeSource: ChallengeSource
    private let stateFile: StateFile?
    /// What the state file holds; nil for a card in memory only.
    private var stored: GlobalPlatformCardContent?
    private var hasUnsyncedWrites = false

    init(
        profile: GlobalPlatformProfile, content: GlobalPlatformCardContent, stateFile: StateFile?,
        challenges: ChallengeSource
    ) {
        self.profile = profile
        self.content = content
        self.stateFile = stateFile
        if stateFile != nil { stored = content }
        challengeSource = challenges
    }

    /// A card as its maker delivers it: load files on board, no application installed.
    ///
    /// - Parameters:
    ///   - serialNumber: The chip's six bytes; they end the ATR.
    ///   - keyData: Key diversification data, 10 bytes; its last four are the end of the chip's serial number in CPS.
    ///   - keys: ENC, MAC and DEK of this card.
    /// - Throws: `wrongLength` for a serial number, key data or keys of other lengths.
    public convenience init(
        profile: GlobalPlatformProfile, serialNumber: [UInt8], keyData: [UInt8], keyVersion: UInt8,
        keys: borrowing SecureChannelStaticKeys, challenges: ChallengeSource = .random
    ) throws(CryptographyError) {
        guard serialNumber.count == 6 else { throw .wrongLength("serial number", serialNumber.count) }
        guard keyData.count == 10 else { throw .wrongLength("key diversification data", keyData.count) }
        let set = GlobalPlatformCardContent.KeySet(
            encryption: keys.withKey(.encryption) { SecretBytes(copying: $0) }.unprotectedCopy(),
            mac: keys.withKey(.mac) { SecretBytes(copying: $0) }.unprotectedCopy(),
            dataEncryption: keys.withKey(.dataEncryption) { SecretBytes(copying: $0) }.unprotectedCopy())
        _ = try set.staticKeys(profile.channelProtocol.version)
        self.init(
            profile: profile,
            content: GlobalPlatformCardContent(
                delivered: profile, serialNumber: serialNumber, keyData: keyData, keyVersion: keyVersion, keys: set),
            stateFile: nil, challenges: challenges)
    }

    var keyData: [UInt8] { content.keyData }
    /// The answer to reset.
    public var answerToReset: [UInt8] { content.answerToReset }

    /// The secure channels opened so far, plus one.
    public var sequenceCounter: UInt32 { content.sequenceCounter }

    /// A number that stands for all the card keeps: equal cards, equal numbers within one process.
    public var fingerprint: Int { content.hashValue }

    /// Whether an application has had its last block.
    public func isPersonalized(_ application: [UInt8]) -> Bool {
        content.instances[application]?.isPersonalized ?? false
    }

    // MARK: - Power

    /// Power on or reset: the issuer's security domain is selected, no secure channel is open.
    public func powerOn() { session = GlobalPlatformCardSession() }
    /// Power off: what is in memory stays, all else is gone.
    public func powerOff() {
        session = GlobalPlatformCardSession()
        sync()
    }
    /// A warm reset.
    public func reset() { powerOn() }
    /// Nothing happens just now: what was written is brought to the disk.
    public func idle() { sync() }

    /// Brings everything written so far to the disk.
    public func sync() {
        guard hasUnsyncedWrites, let stateFile else { return }
        if (try? stateFile.write(checked: content.encoded, durably: true)) != nil { hasUnsyncedWrites = false }
    }

    // MARK: - Commands

    /// Answers one command, and only after what it changed is stored.
    public func respond(to bytes: [UInt8]) -> [UInt8] {
        let response = response(to: bytes)
        guard let stateFile, content != stored else { return response }
        do {
            try stateFile.write(checked: content.encoded, durably: false)
            stored = content
            hasUnsyncedWrites = true
            return response
        } catch {
            // all or nothing: the command did not happen, and its channel is lost
            if let stored { content = stored }
            session = GlobalPlatformCardSession()
            return ResponseAPDU(.memoryFailure).bytes
        }
    }

    private func response(to bytes: [UInt8]) -> [UInt8] {
        do {
            return try answer(CommandAPDU(bytes: bytes)).bytes
        } catch let refusal as Refusal {
            return ResponseAPDU(refusal.statusWord).bytes
        } catch is CryptographyError {
            return ResponseAPDU(.memoryFailure).bytes
        } catch {
            return ResponseAPDU(.wrongLength).bytes
        }
    }

    private func answer(_ command: CommandAPDU) throws -> ResponseAPDU {
        guard [0x00, 0x80, 0x84].contains(command.cla) else { throw Refusal(.classNotSupported) }
        switch (command.cla, command.ins) {
        case (0x00, 0xA4): return ResponseAPDU(data: try select(command), .success)
        case (0x00, 0x20): return ResponseAPDU(try verify(command))
        case (0x00, 0xB2): return ResponseAPDU(data: try readRecord(command), .success)
        case (0x80, 0x50): return ResponseAPDU(data: try initializeUpdate(command), .success)
        case (0x84, 0x82):
            try externalAuthenticate(command)
            return ResponseAPDU(.success)
        case (0x80, 0xCA) where session.channel == nil: return ResponseAPDU(data: try getData(command), .success)
        case (0x80, _), (0x84, _): return try answerSecured(command)
        default: throw Refusal(.instructionNotSupported)
        }
    }

    /// A command of the security domain: opened, done, and its answer protected.
    private func answerSecured(_ command: CommandAPDU) throws -> ResponseAPDU {
        let handler = try handler(of: command)
        guard let channel = session.channel else { throw Refusal(.conditionsNotSatisfied) }
        let opened = try channel.open(command) { session.channel = nil }
        var answer: ResponseAPDU
        do {
            let before = content
            do {
                let data = try handler(opened)
                let isMore = command.ins == 0xF2 && session.statusLeft != nil
                answer = ResponseAPDU(data: data, isMore ? Self.moreDataAvailable : .success)
            } catch {
                content = before
                throw error
            }
        } catch let refusal as Refusal {
            answer = ResponseAPDU(refusal.statusWord)
        }
        return try channel.protect(answer)
    }

    /// 6310: more waits for GET STATUS with "next occurrence" (GlobalPlatform Card Specification 2.3.1 §11.4.3.2).
    private static let moreDataAvailable = StatusWord(rawValue: 0x6310)

    private func handler(of command: CommandAPDU) throws -> (CommandAPDU) throws -> [UInt8] {
        switch command.ins {
        case 0xCA: getData
        case 0xE2: storeData
        case 0xE4: delete
        case 0xE6: install
        case 0xE8: load
        case 0xF0: setStatus
        case 0xF2: getStatus
        case 0xD8: putKey
        default: throw Refusal(.instructionNotSupported)
        }
    }

    func randomChallenge(_ count: Int) throws -> [UInt8] {
        guard let challenge = challengeSource.next(count) else { throw Refusal(.memoryFailure) }
        return challenge
    }
}
