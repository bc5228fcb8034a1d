import CardCryptography
import CardData
public import CardLayout
public import ISO7816
public import IssuerKeys

/// Puts line protection (线路保护, cos-dialects §5) around commands that read, write, lock and open, and lets all others through
/// as they are.
///
/// Before each protected command it takes a challenge of its own. An answer that has to carry a MAC and does not, or carries a
/// wrong one, ends the channel: nothing passes until ``reset()`` or ``forget()``.
///
/// What the protection proves: the data of an answer comes from a card with the key, for this challenge. Answers without data,
/// which is what writing and locking give, and all status words carry no MAC on these cards; read back to be sure of a write.
///
/// A challenge taken for authentication is lost to a protected command in between. The channel is no `Sendable` type and has no
/// lock: it lives inside the body that a reader's actor runs, so that two tasks cannot send through it in turn.
public final class ProtectedChannel: CardChannel {
    private let base: any CardChannel
    private let protection: any MessageProtection
    private let challengeLength: Int
    /// The most bytes that the card system is asked for at a time.
    private let longestAnswer: Int
    private var challengeGuard = ChallengeGuard()
    private var isBroken = false
    /// The challenge of the last command that ran its full round; nil before the first, and after ``forget()``.
    public private(set) var lastChallenge: [UInt8]?

    /// Protects what goes through `base`.
    ///
    /// - Parameters:
    ///   - base: the way to the card; it is held to the card system's form, and waiting data of T=0 is fetched, here.
    ///   - protection: what finishes commands and opens answers.
    ///   - profile: how long challenges and commands are.
    public init(_ base: any CardChannel, _ protection: any MessageProtection, profile: COSProfile) {
        self.base = TransportChannel(
            FormatChannel(base, profile: profile), longestAnswer: FormatChannel.longestAnswer,
            mostPieces: CardConversation.mostPieces)
        self.protection = protection
        challengeLength = profile.secureMessaging.challengeLength
        longestAnswer = profile.largestAnswerData
    }

    /// That of the channel below.
    public var answerToReset: AnswerToReset { base.answerToReset }

    /// The most plain bytes that one protected command writes: the limit below without MAC, length byte and padding.
    public var largestCommandData: Int {
        protection.form.largestPlain(within: base.largestCommandData, cipher: protection.cipher)
    }

    /// The most plain bytes that one protected command reads.
    public var largestAnswerData: Int {
        protection.form.largestAnswer(within: longestAnswer, cipher: protection.cipher)
    }

    /// Sends a command, protected where it is one to protect; the answer is plain again.
    ///
    /// - Throws: `protectionBroken` for an answer that does not prove itself, and from then on for every command;
    ///   `notProtected` when the challenge, the length or the key's holder forbid to send it; what the channel below throws.
    public func transmit(_ command: CommandAPDU) throws(CardChannelError) -> ResponseAPDU {
        guard !isBroken else { throw .protectionBroken }
        guard ProtectedCommands.classByte(of: command) != nil else { return try base.transmit(command) }
        guard fits(command) else { throw .notProtected("card-key.wrong-length") }
        let challenge = try takeChallenge()
        let finished: CommandAPDU
        do {
            finished = try protection.protect(command, challenge: challenge)
        } catch {
            throw .notProtected(error.faults.first?.code.rawValue ?? "")
        }
        return try exchange(finished, for: command, challenge)
    }

    /// The finished form of a command, for a challenge that somebody else took just before; nothing is sent.
    ///
    /// - Throws: what the key's holder says; `wrongLength` for more than one command carries, or its answer.
    public func finish(_ command: CommandAPDU, challenge: [UInt8]) throws(CardKeyError) -> CommandAPDU {
        guard fits(command) else { throw .wrongLength("command", command.data.count) }
        return try protection.protect(command, challenge: challenge)
    }

    /// Sends a finished command and judges its answer, which is plain again.
    ///
    /// - Throws: `protectionBroken` as ``transmit(_:)``; what the channel below throws.
    public func exchange(
        _ finished: CommandAPDU, for command: CommandAPDU, _ challenge: [UInt8]
    ) throws(CardChannelError) -> ResponseAPDU {
        guard !isBroken else { throw .protectionBroken }
        let response = try plain(base.transmit(finished), to: command, challenge)
        lastChallenge = challenge
        return response
    }

    /// Resets the card through the channel below; a broken channel is whole again.
    public func reset() throws(CardChannelError) {
        try base.reset()
        isBroken = false
    }

    /// Forgets all challenges and that protection was broken, as before the first command.
    public func forget() {
        challengeGuard = ChallengeGuard()
        isBroken = false
        lastChallenge = nil
    }

    // MARK: -

    private func fits(_ command: CommandAPDU) -> Bool {
        command.data.count <= largestCommandData
            && command.expectedLength.map { $0 == 256 || $0 <= largestAnswerData } ?? true
    }

    private func takeChallenge() throws(CardChannelError) -> [UInt8] {
        let response = try base.transmit(
            CommandAPDU(0x00, 0x84, 0x00, 0x00, le: UInt8(truncatingIfNeeded: challengeLength)))
        guard response.statusWord.isSuccess, response.data.count == challengeLength else {
            throw .notProtected("card.no-challenge")
        }
        do { try challengeGuard.admit(response.data) } catch { throw .notProtected("card.challenge-refused") }
        return response.data
    }

    private func plain(
        _ response: ResponseAPDU, to command: CommandAPDU, _ challenge: [UInt8]
    ) throws(CardChannelError) -> ResponseAPDU {
        let statusWord = response.statusWord
        let isPromised = ProtectedCommands.isRead(command) || command.expectedLength != nil
        // 9000 and the warnings 62xx and 63xx come with what the command asked for
        guard isPromised, statusWord.isSuccess || [0x62, 0x63].contains(statusWord.sw1) else {
            guard response.data.isEmpty else { throw broken() }
            guard let length = statusWord.correctLength else { return response }
            // the right length of a protected answer, told as that of a plain one where it tells it
            let macLength = protection.form.macLength(protection.cipher)
            guard protection.form.mode == .mac, length > macLength else { return ResponseAPDU(.wrongLength) }
            return ResponseAPDU(.correctLength(length - macLength))
        }
        // what nobody can judge is worth as little as what is wrong
        let judged = try? protection.unprotect(response.data, to: command, challenge: challenge)
        guard let data = judged ?? nil else { throw broken() }
        // what proves itself and is more than was asked for answers another command; a card may give a record whole whatever length it is
        // asked for (cos-dialects §6.3), and whoever reads it judges its length
        if let length = command.expectedLength, data.count > length, command.ins != 0xB2 {
            throw .malformedAnswer(data.count)
        }
        return ResponseAPDU(data: data, statusWord)
    }

    private func broken() -> CardChannelError {
        isBroken = true
        return .protectionBroken
    }
}
