public import CardData

/// Why a token (硬件密码模块) did not do what it was asked for; never carries a PIN or a key.
public enum TokenFailure: Error, Hashable, Sendable {
    /// The PKCS#11 module does not open: its path, and the system's reason.
    case moduleMissing(String, reason: String)
    /// No slot holds a token of this name.
    case notFound(String)
    /// Several slots hold a token of this name.
    case ambiguous(String)
    /// The PIN is wrong; the token has counted the try.
    case wrongPIN
    /// The token has locked the PIN after too many wrong tries.
    case lockedPIN
    /// The token says that the PIN has one try left, which takes leave from two officers; the PIN was not presented.
    case lastPINTry
    /// The token takes no such PIN: its length or form.
    case refusedPIN
    /// The module's process ended, does not answer, or the device is gone.
    case lost(String)
    /// The token holds no key set of ours, or a half-loaded one.
    case notLoaded(String)
    /// The token holds a key set already: its name.
    case alreadyLoaded(String)
    /// The token does what the site's policy says it must refuse: the findings.
    case probeRefused([String])
    /// The token is loaded for authentication: card keys stay inside.
    case keysStayInside
    /// What the token has no mechanism for.
    case beyondToken(String)
    /// A call failed: its name and the return value (CKR).
    case failed(String, UInt)
    /// Bytes between program and module process that are no message.
    case malformedMessage
}

extension TokenFailure: FaultReporting {
    /// The one fault, with names and numbers only.
    public var faults: [Fault] {
        switch self {
        case .moduleMissing(let path, let reason):
            [Fault("token.module-missing", ["path": path, "reason": reason])]
        case .notFound(let label): [Fault("token.not-found", ["token": label])]
        case .ambiguous(let label): [Fault("token.ambiguous", ["token": label])]
        case .wrongPIN: [Fault("token.wrong-pin")]
        case .lockedPIN: [Fault("token.pin-locked")]
        case .lastPINTry: [Fault("token.last-pin-try")]
        case .refusedPIN: [Fault("token.pin-refused")]
        case .lost(let reason): [Fault("token.lost", ["reason": reason])]
        case .notLoaded(let label): [Fault("token.not-loaded", ["token": label])]
        case .alreadyLoaded(let name): [Fault("token.already-loaded", ["name": name])]
        case .probeRefused(let findings):
            [Fault("token.probe-refused", ["findings": findings.joined(separator: ", ")])]
        case .keysStayInside: [Fault("token.keys-stay-inside")]
        case .beyondToken(let what): [Fault("token.beyond-token", ["what": what])]
        case .failed(let call, let value):
            [Fault("token.call-failed", ["call": call, "value": "0x" + String(value, radix: 16)])]
        case .malformedMessage: [Fault("token.malformed-message")]
        }
    }
}

// MARK: - On the wire

extension TokenFailure {
    /// A failure as bytes: which one, then what it carries.
    func write(to writer: ModuleWriter) {
        switch self {
        case .moduleMissing(let path, let reason): writer.put(byte: 1, path, reason)
        case .notFound(let label): writer.put(byte: 2, label)
        case .ambiguous(let label): writer.put(byte: 3, label)
        case .wrongPIN: writer.put(byte: 4)
        case .lockedPIN: writer.put(byte: 5)
        case .refusedPIN: writer.put(byte: 6)
        case .lost(let reason): writer.put(byte: 7, reason)
        case .notLoaded(let label): writer.put(byte: 8, label)
        case .alreadyLoaded(let name): writer.put(byte: 9, name)
        case .probeRefused(let findings): writer.put(byte: 10, findings.joined(separator: "\n"))
        case .keysStayInside: writer.put(byte: 11)
        case .beyondToken(let what): writer.put(byte: 12, what)
        case .failed(let call, let value): writer.put(byte: 13, call, String(value))
        case .malformedMessage: writer.put(byte: 14)
        case .lastPINTry: writer.put(byte: 15)
        }
    }

    /// Reads what ``write(to:)`` wrote.
    init(from reader: ModuleReader) throws(TokenFailure) {
        switch try reader.byte() {
        case 1: self = .moduleMissing(try reader.text(), reason: try reader.text())
        case 2: self = .notFound(try reader.text())
        case 3: self = .ambiguous(try reader.text())
        case 4: self = .wrongPIN
        case 5: self = .lockedPIN
        case 6: self = .refusedPIN
        case 7: self = .lost(try reader.text())
        case 8: self = .notLoaded(try reader.text())
        case 9: self = .alreadyLoaded(try reader.text())
        case 10: self = .probeRefused(try reader.text().split(separator: "\n").map(String.init))
        case 11: self = .keysStayInside
        case 12: self = .beyondToken(try reader.text())
        case 13: self = .failed(try reader.text(), UInt(try reader.text()) ?? .max)
        case 14: self = .malformedMessage
        case 15: self = .lastPINTry
        default: throw .malformedMessage
        }
    }
}
