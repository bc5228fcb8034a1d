public import CardCryptography
import CardLayout
import ISO7816
public import IssuerKeys

/// The PIN services of a counter (cos-dialects §6.6, card.md §2.1): each in the directory that is selected.
///
/// Nothing is tried twice. A PIN is never part of an error.
extension CardConversation {
    /// CHANGE PIN, `80 5E 01`: the holder knows the old one.
    ///
    /// - Throws: `wrongPIN` and `pinBlocked` as VERIFY does; `refused` for anything else the card says.
    public func changePIN(
        _ identifier: UInt8, from old: PersonalIdentificationNumber, to new: PersonalIdentificationNumber
    ) throws(CardError) {
        let data = old.withPackedDigits { Array($0) } + [0xFF] + new.withPackedDigits { Array($0) }
        try performPINCommand(
            counting: profile.pinCounter(identifier, in: selected)
        ) { () throws(CommandAPDU.Malformed) in
            try CommandAPDU(0x80, 0x5E, 0x01, identifier, data: data)
        }
    }

    /// VERIFY with a PIN of its own, for example to see that a new one is in its place.
    ///
    /// - Throws: `wrongPIN` and `pinBlocked`; `refused` for anything else the card says.
    public func verifyPIN(_ identifier: UInt8, _ pin: PersonalIdentificationNumber) throws(CardError) {
        let data = pin.withPackedDigits { Array($0) }
        try performPINCommand(
            counting: profile.pinCounter(identifier, in: selected)
        ) { () throws(CommandAPDU.Malformed) in
            try CommandAPDU(0x00, 0x20, 0x00, identifier, data: data)
        }
    }

    /// RELOAD PIN, `80 5E 00`: the reload key (type 38) vouches for the new PIN; blocked or not, the old one is replaced.
    public func reloadPIN(
        _ identifier: UInt8, to new: PersonalIdentificationNumber, with key: CardKeyReference
    ) throws(CardError) {
        try performPINCommand(
            PINCommandRequest(.reload(new, identifier: identifier), key: key, card: context),
            counting: profile.tryCounter(ofType: 0x38, key, in: selected))
    }

    /// PIN reset, `84 24` with the profile's P1 and P2: the maintenance key (STK) protects the new PIN, which replaces the old one, blocked or not.
    ///
    /// Needs the state that PUK leads to, where the profile says so; takes a challenge of its own.
    public func resetPIN(to new: PersonalIdentificationNumber, with key: CardKeyReference) throws(CardError) {
        try performPINCommand(
            PINCommandRequest(
                .reset(new, p1: profile.pinCommands.resetParameters[0], p2: profile.pinCommands.resetParameters[1]),
                key: key, card: context, challenge: try takePINChallenge(),
                keyForm: profile.pinKeyForm, sm4: profile.secureMessaging.sm4),
            counting: profile.tryCounter(ofType: profile.pinCommands.key.type, key, in: selected))
    }

    /// PIN unblock, `84 24 00 00`: the PIN stays and gets its tries back, under the maintenance key (STK) as for the reset.
    public func unblockPIN(with key: CardKeyReference) throws(CardError) {
        try performPINCommand(
            PINCommandRequest(
                .unblock, key: key, card: context, challenge: try takePINChallenge(), keyForm: profile.pinKeyForm,
                sm4: profile.secureMessaging.sm4),
            counting: profile.tryCounter(ofType: profile.pinCommands.key.type, key, in: selected))
    }

    // MARK: -

    private func takePINChallenge() throws(CardError) -> [UInt8] {
        let count = UInt8(truncatingIfNeeded: profile.secureMessaging.pinChallengeLength)
        return try perform(.fixed(CommandAPDU(0x00, 0x84, 0x00, 0x00, le: count)))
    }

    /// Has the PIN filled again under a key that vouches for it.
    private func performPINCommand(
        _ request: PINCommandRequest, counting counter: TryCounter?
    ) throws(CardError) {
        let command: CommandAPDU
        do { command = try keys.pinCommand(request) } catch { throw .keys(error) }
        try noting(macUnder: request.key) { () throws(CardError) in
            try performPINCommand(counting: counter) { () throws(CommandAPDU.Malformed) in command }
        }
        try noteFilling(by: .fixed(command))
    }

    private func performPINCommand(
        counting counter: TryCounter?, _ make: () throws(CommandAPDU.Malformed) -> CommandAPDU
    ) throws(CardError) {
        let command = try building(make)
        let before = try counter.flatMap { counter throws(CardError) in try spend(counter) }
        // counted here, by what it is for
        let statusWord = try sending(counter, before: before) { () throws(CardError) in
            try exchange(command, true).statusWord
        }
        if let counter { try settle(counter, before: before, statusWord) }
        guard !statusWord.isSuccess else { return }
        if let tries = statusWord.triesLeft { throw tries > 0 ? .wrongPIN(triesLeft: tries) : .pinBlocked }
        if statusWord == .authenticationMethodBlocked { throw .pinBlocked }
        // a failed comparison that tells no number (ISO/IEC 7816-4 §5.6): what was counted here is left
        if statusWord == .comparisonFailed, let counter { throw .wrongPIN(triesLeft: record.triesLeft(counter) ?? 0) }
        // the header alone: the data holds the PIN
        throw .refused(CommandAPDU(command.cla, command.ins, command.p1, command.p2), statusWord)
    }
}
