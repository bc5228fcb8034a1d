import ByteText

/// SW1 SW2 of a response, kept as one 16-bit number so that no half of it can be judged alone (ISO/IEC 7816-4 §5.6).
public struct StatusWord: RawRepresentable, Hashable, Sendable {
    /// SW1 in the high byte, SW2 in the low byte.
    public let rawValue: UInt16

    /// Any status word; all 65,536 are possible.
    public init(rawValue: UInt16) { self.rawValue = rawValue }

    /// A status word from its two bytes.
    public init(_ sw1: UInt8, _ sw2: UInt8) { rawValue = UInt16(sw1) << 8 | UInt16(sw2) }

    /// SW1.
    public var sw1: UInt8 { UInt8(rawValue >> 8) }
    /// SW2.
    public var sw2: UInt8 { UInt8(rawValue & 0xFF) }
    /// True for 9000 alone.
    public var isSuccess: Bool { self == .success }
    /// How many bytes GET RESPONSE can fetch (61xx; 00 stands for 256), T=0 only.
    public var bytesWaiting: Int? { sw1 == 0x61 ? (sw2 == 0 ? 256 : Int(sw2)) : nil }
    /// The right Le (6Cxx; 00 stands for 256).
    public var correctLength: Int? { sw1 == 0x6C ? (sw2 == 0 ? 256 : Int(sw2)) : nil }
    /// Whether a card that answers so to a proof of itself was kept from it by something else than its keys: its memory (64xx, 65xx), its
    /// state (6985) or a fault that it cannot name (6F00); ISO/IEC 7816-4 §5.6.
    public var saysNothingOfKeys: Bool {
        [0x64, 0x65].contains(sw1) || self == .conditionsNotSatisfied || rawValue == 0x6F00
    }
    /// How many tries the key or PIN has left (63Cx).
    public var triesLeft: Int? { rawValue & 0xFFF0 == 0x63C0 ? Int(rawValue & 0x0F) : nil }
}

extension StatusWord: CustomStringConvertible {
    /// Four hexadecimal digits.
    public var description: String { rawValue.hexadecimal }
}

extension StatusWord {
    /// 9000: done.
    public static let success = StatusWord(rawValue: 0x9000)
    /// 6281: part of the returned data may be corrupted, or was never written.
    public static let dataMayBeCorrupted = StatusWord(rawValue: 0x6281)
    /// 6283: the file or key is invalidated or its check sum is wrong.
    public static let fileInvalidated = StatusWord(rawValue: 0x6283)
    /// 6300: a comparison failed; the card does not tell how many tries are left.
    public static let comparisonFailed = StatusWord(rawValue: 0x6300)
    /// 6581: writing to memory failed.
    public static let memoryFailure = StatusWord(rawValue: 0x6581)
    /// 6700: wrong length.
    public static let wrongLength = StatusWord(rawValue: 0x6700)
    /// 6900: the class byte does not fit the file's line protection.
    public static let classAgainstProtection = StatusWord(rawValue: 0x6900)
    /// 6901: command not accepted in this state.
    public static let commandNotAccepted = StatusWord(rawValue: 0x6901)
    /// 6981: the command does not fit the file's structure.
    public static let incompatibleFileStructure = StatusWord(rawValue: 0x6981)
    /// 6982: security status not satisfied.
    public static let securityStatusNotSatisfied = StatusWord(rawValue: 0x6982)
    /// 6983: the key or PIN is blocked.
    public static let authenticationMethodBlocked = StatusWord(rawValue: 0x6983)
    /// 6984: no valid challenge or reference data.
    public static let referenceDataNotUsable = StatusWord(rawValue: 0x6984)
    /// 6985: conditions of use not satisfied.
    public static let conditionsNotSatisfied = StatusWord(rawValue: 0x6985)
    /// 6986: no current elementary file.
    public static let noCurrentFile = StatusWord(rawValue: 0x6986)
    /// 6987: secure messaging is missing.
    public static let secureMessagingMissing = StatusWord(rawValue: 0x6987)
    /// 6988: secure-messaging data or MAC wrong.
    public static let secureMessagingIncorrect = StatusWord(rawValue: 0x6988)
    /// 6A80: wrong data field.
    public static let wrongData = StatusWord(rawValue: 0x6A80)
    /// 6A81: function not supported, or card or application locked.
    public static let functionNotSupported = StatusWord(rawValue: 0x6A81)
    /// 6A82: file not found.
    public static let fileNotFound = StatusWord(rawValue: 0x6A82)
    /// 6A83: record not found.
    public static let recordNotFound = StatusWord(rawValue: 0x6A83)
    /// 6A84: not enough room.
    public static let notEnoughMemory = StatusWord(rawValue: 0x6A84)
    /// 6A86: wrong P1 P2; FMCOS also: the file exists already.
    public static let incorrectParameters = StatusWord(rawValue: 0x6A86)
    /// 6A88: referenced key or data not found.
    public static let referencedDataNotFound = StatusWord(rawValue: 0x6A88)
    /// 6B00: offset outside the file.
    public static let offsetOutside = StatusWord(rawValue: 0x6B00)
    /// 6D00: instruction not supported.
    public static let instructionNotSupported = StatusWord(rawValue: 0x6D00)
    /// 6E00: class not supported.
    public static let classNotSupported = StatusWord(rawValue: 0x6E00)
    /// 9302: MAC invalid.
    public static let invalidMAC = StatusWord(rawValue: 0x9302)
    /// 9303: application permanently locked.
    public static let applicationLockedForGood = StatusWord(rawValue: 0x9303)
    /// 9403: key index not supported.
    public static let keyIndexNotSupported = StatusWord(rawValue: 0x9403)
    /// 9406: the MAC or TAC asked for is not available.
    public static let proofNotAvailable = StatusWord(rawValue: 0x9406)

    /// 63Cx: the comparison failed, `tries` are left (at most 15 are stated).
    public static func triesLeft(_ tries: Int) -> StatusWord {
        StatusWord(rawValue: 0x63C0 | UInt16(min(max(tries, 0), 15)))
    }

    /// 61xx: `count` bytes (1…256) wait for GET RESPONSE.
    public static func bytesWaiting(_ count: Int) -> StatusWord {
        StatusWord(0x61, UInt8(truncatingIfNeeded: min(max(count, 0), 256)))
    }

    /// 6Cxx: the right Le is `count` (1…256).
    public static func correctLength(_ count: Int) -> StatusWord {
        StatusWord(0x6C, UInt8(truncatingIfNeeded: min(max(count, 0), 256)))
    }
}
