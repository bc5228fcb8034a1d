import ByteText
public import CardData
public import ISO7816
public import IssuerKeys

/// Why work over a secure channel stopped.
public enum GlobalPlatformError: Error, Hashable, Sendable {
    /// No answer came, or one that is not the card's.
    case channel(CardChannelError)
    /// The card refused: CLA INS P1 P2 and its status word.
    case refused([UInt8], StatusWord)
    /// The card answered INITIALIZE UPDATE in no known form.
    case initializeUpdate(InitializeUpdateAnswer.Malformed)
    /// The card speaks another protocol than the profile says.
    case protocolDiffers(expected: String, found: String)
    /// The card's answer is not what must come: what it is about.
    case differs(String)
    /// The keys were refused, or the card did not prove that it holds them.
    case keys(GlobalPlatformKeyError)
    /// A command cannot be built.
    case malformed(CommandAPDU.Malformed)
    /// The PIN is to be stored and none was given.
    case noPIN
    /// No random challenge could be made.
    case noChallenge
}

extension GlobalPlatformError: FaultReporting {
    /// The error in the catalogue's terms.
    public var faults: [Fault] {
        switch self {
        case .channel(let error): error.faults
        case .refused(let header, let statusWord):
            [
                Fault(
                    "card.refused", ["command": header.hexadecimal, "statusWord": statusWord.description])
            ]
        case .initializeUpdate(.length(let count)):
            [Fault("globalplatform.initialize-update", ["count": String(count)])]
        case .initializeUpdate(.protocolNotKnown(let identifier, let parameter)):
            [
                Fault(
                    "globalplatform.protocol-not-known",
                    [
                        "protocol": identifier.hexadecimal,
                        "parameter": parameter.map { $0.hexadecimal } ?? "–",
                    ])
            ]
        case .protocolDiffers(let expected, let found):
            [Fault("globalplatform.protocol-differs", ["expected": expected, "found": found])]
        case .differs(let place): [Fault("card.differs", ["place": place])]
        case .keys(let error): error.faults
        case .noPIN: [Fault("card.pin-needed")]
        case .malformed: [Fault("card.command-malformed")]
        case .noChallenge: [Fault("globalplatform.service-failed", ["reason": "random numbers"])]
        }
    }
}

extension GlobalPlatformError {
    /// Runs work with the issuer's keys.
    static func reportingKeys<Value>(
        _ body: () throws(GlobalPlatformKeyError) -> Value
    ) throws(GlobalPlatformError) -> Value {
        do throws(GlobalPlatformKeyError) { return try body() } catch { throw .keys(error) }
    }

    /// Builds a command.
    static func building(
        _ body: () throws(CommandAPDU.Malformed) -> CommandAPDU
    ) throws(GlobalPlatformError) -> CommandAPDU {
        do throws(CommandAPDU.Malformed) { return try body() } catch { throw .malformed(error) }
    }
}

extension CardChannel {
    /// Sends a command; a failure of the channel becomes one of this room.
    func send(_ command: CommandAPDU) throws(GlobalPlatformError) -> ResponseAPDU {
        do throws(CardChannelError) { return try transmit(command) } catch { throw .channel(error) }
    }
}
