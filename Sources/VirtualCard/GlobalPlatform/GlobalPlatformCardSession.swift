import CardCryptography
import ISO7816

/// What a GlobalPlatform card forgets without power: what is selected, the challenge under way, the secure channel.
struct GlobalPlatformCardSession {
    /// The AID of the selected application; nil for the issuer's security domain.
    var application: [UInt8]?
    /// The channel that INITIALIZE UPDATE began.
    var beginning: GlobalPlatformCardChannel?
    /// The channel after EXTERNAL AUTHENTICATE.
    var channel: GlobalPlatformCardChannel?
    /// The number that the next STORE DATA must have.
    var nextBlock: UInt8 = 0
    /// What GET STATUS has left for the next one, a template each; nil when all was told.
    var statusLeft: [[UInt8]]?
    /// The load file under way, and the number of its next block.
    var loading: (file: [UInt8], nextBlock: UInt8)?

    /// Selecting ends the secure channel.
    mutating func select(_ application: [UInt8]?) {
        self = GlobalPlatformCardSession()
        self.application = application
    }
}

/// The card's side of one secure channel.
final class GlobalPlatformCardChannel {
    let keys: SecureChannelSessionKeys
    private(set) var level = SecureChannelLevel.commandMAC
    private var state = SecureChannelState.beginning

    init(_ keys: consuming SecureChannelSessionKeys) { self.keys = keys }

    /// Checks EXTERNAL AUTHENTICATE; true when cryptogram and MAC are the host's.
    func authenticate(_ command: CommandAPDU, _ level: SecureChannelLevel) throws(CryptographyError) -> Bool {
        let opened: SecureChannelSessionKeys.OpenedCommand
        do throws(CryptographyError) {
            opened = try keys.open(header: command.header, data: command.data, .commandMAC, at: state)
        } catch .notAuthentic {
            return false
        }
        guard constantTimeEqual(opened.data, try keys.hostCryptogram()) else { return false }
        state = opened.next
        self.level = level
        return true
    }

    /// The command as it was meant; where it is not authentic `abort` ends the channel and the card answers 6982.
    func open(_ command: CommandAPDU, abort: () -> Void) throws -> CommandAPDU {
        let opened: SecureChannelSessionKeys.OpenedCommand
        do throws(CryptographyError) {
            opened = try keys.open(header: command.header, data: command.data, level, at: state)
        } catch {
            abort()
            throw GlobalPlatformCard.Refusal(.securityStatusNotSatisfied)
        }
        state = opened.next
        return try CommandAPDU(
            0x80, command.ins, command.p1, command.p2, data: opened.data, expectedLength: command.expectedLength)
    }

    /// The answer as it travels.
    func protect(_ answer: ResponseAPDU) throws(CryptographyError) -> ResponseAPDU {
        ResponseAPDU(
            data: try keys.protectResponse(
                answer.data, statusWord: answer.statusWord.rawValue, level, at: state),
            answer.statusWord)
    }
}
