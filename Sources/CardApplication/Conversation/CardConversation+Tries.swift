import CardLayout
import ISO7816
import IssuerKeys

/// Counting tries, and telling why a key was refused.
extension CardConversation {
    // MARK: - Tries

    /// Counts a try as spent before it is, unless it is the last.
    ///
    /// - Returns: what was known to be left.
    func spend(_ counter: TryCounter, on operation: CardOperation? = nil) throws(CardError) -> Int? {
        try demandAcquaintance(counter, operation)
        if let told = try askForCounter(counter) { try record.note(counter, left: told, isTold: true) }
        return try record.spend(counter, permission: visit?.lastTry)
    }

    /// Runs what sends a try that has been counted; one that is too long to be sent costs none.
    func sending<Value>(
        _ counter: TryCounter?, before: Int?, _ body: () throws(CardError) -> Value
    ) throws(CardError) -> Value {
        do throws(CardError) {
            return try body()
        } catch {
            if let counter, case .channel(.commandTooLong) = error { try record.note(counter, left: before) }
            throw error
        }
    }

    /// Notes what became of the try.
    func settle(
        _ counter: TryCounter, before: Int?, _ statusWord: StatusWord, of operation: CardOperation? = nil
    ) throws(CardError) {
        refusedMAC = nil
        if statusWord.isSuccess {
            refused = nil
            try record.note(counter, left: counter.isAssumed ? before : nil)
            if !counter.isOfReading, !counter.isAssumed { try record.endRow(of: counter) }
            if let operation { try noteTerms(of: operation) }
        } else if let left = statusWord.triesLeft {
            refused = operation
            // Of another counter, perhaps: what was spent here before stays spent.
            let most = counter.isAssumed ? record.triesLeft(counter) ?? left : left
            try record.note(counter, left: min(left, most), isTold: !counter.isAssumed, durably: true)
        } else if statusWord == .authenticationMethodBlocked {
            refused = operation
            // Of another key, perhaps, whose tries are spent.
            let left = counter.isAssumed ? record.triesLeft(counter) : 0
            try record.note(counter, left: left, isTold: !counter.isAssumed, durably: true)
        } else if counter.pinIdentifier == nil && statusWord.refusesMAC {
            // The card compared the MAC under this key: what was counted before the try stands, and outlives this visit.
            let isLocked = statusWord == .applicationLockedForGood && !counter.isAssumed
            refused = operation
            try record.note(
                counter, left: isLocked ? 0 : record.triesLeft(counter), isTold: isLocked, durably: true)
        } else if statusWord.correctLength != nil, !counter.isOfReading {
            // Whether the card compared before it looked at the length is not known: the try stays counted.
            refused = operation
        } else if statusWord == .comparisonFailed || counter.isOfTransportCode && statusWord.comesFromComparison
            || operation?.opensSecureChannel ?? false && statusWord.failsAuthentication
        {
            // 6300 is a failed comparison that tells no number (ISO/IEC 7816-4 §5.6): what was counted before the try stands, and
            // outlives this visit.
            let counted = record.triesLeft(counter)
            refused = operation
            try record.note(counter, left: counted, durably: true)
        } else {
            // No comparison was made, so no try was spent.
            try record.note(counter, left: before)
        }
    }

    /// The counter of the PIN by VERIFY without data, where the profile says that this is free.
    private func askForCounter(_ counter: TryCounter) throws(CardError) -> Int? {
        guard profile.hasFreeCounterQuery, let identifier = counter.pinIdentifier else { return nil }
        let answer = try transmit(CommandAPDU(0x00, 0x20, 0x00, identifier)).statusWord
        return answer == .authenticationMethodBlocked ? 0 : answer.triesLeft
    }

    // MARK: - Terms

    /// Once a visit, with the first key of the issuer that the card takes: later failures are compared with it.
    private func noteTerms(of operation: CardOperation) throws(CardError) {
        guard !hasNotedTerms, let terms = terms(of: operation) else { return }
        hasNotedTerms = true
        try record.note(terms)
    }

    private func terms(of operation: CardOperation, key other: KeyName? = nil) -> AuthenticationTerms? {
        guard case .authenticate(.issuer(let name), _, let used) = operation else { return nil }
        return terms(of: other ?? name, form: used)
    }

    private func terms(of key: KeyName, form used: CardOperation.AuthenticationForm) -> AuthenticationTerms? {
        guard let visit else { return nil }
        return AuthenticationTerms(
            key: key, checkValue: try? keys.keyCheckValue(of: .issuer(key), card: context), area: context.area,
            algorithm: context.algorithm, cardFactor: context.cardFactor, form: used,
            challengeOrder: profile.challengeOrder, sessionKeyWidth: profile.sessionKeyWidth,
            blocks: context.algorithm == .sm4 ? form.blocks : nil,
            keySet: AuthenticationTerms.KeySetMark(
                isDevelopment: visit.keySet.isDevelopment,
                version: (context.versions ?? visit.liveVersions)?[key].description ?? visit.keySet.version))
    }

    /// What most likely made the card refuse a key, from what is known without another try; nil when it refused none.
    ///
    /// - Parameter cardArea: the area that begins the card's identification code, where it was read.
    public func diagnosis(cardArea: String?) -> AuthenticationDiagnosis? {
        if case .issuer(let name)? = refusedMAC {
            // no challenges are put in order for a MAC, so the form of an authentication says nothing
            guard let now = terms(of: record.terms?.key ?? name, form: .plain) else { return nil }
            return AuthenticationDiagnosis(
                ofMACUnder: name, with: now, recorded: record.terms,
                answerFactor: profile.cardFactor.factor(of: channel.answerToReset), cardArea: cardArea, profile: profile
            )
        }
        guard let refused else { return nil }
        if refused.isOfBlank { return AuthenticationDiagnosis(ofBlankOf: profile) }
        guard let now = terms(of: refused, key: record.terms?.key) else { return nil }
        return AuthenticationDiagnosis(
            of: now, recorded: record.terms, answerFactor: profile.cardFactor.factor(of: channel.answerToReset),
            cardArea: cardArea, profile: profile)
    }
}

/// Telling under which key a MAC was refused.
extension CardConversation {
    func noteMAC(of operation: CardOperation, _ statusWord: StatusWord) {
        if case .protected(_, let key, _) = operation, statusWord.refusesMAC { refusedMAC = key }
    }

    /// Runs what sends a command that was finished under a key, and notes the key where the card does not take the MAC.
    func noting<Value>(
        macUnder key: CardKeyReference, _ body: () throws(CardError) -> Value
    ) throws(CardError) -> Value {
        do throws(CardError) {
            return try body()
        } catch {
            if case .refused(_, let statusWord) = error, statusWord.refusesMAC { refusedMAC = key }
            throw error
        }
    }
}

extension CardOperation {
    /// Whether the published value of a blank was presented.
    var isOfBlank: Bool {
        switch self {
        case .presentTransportCode, .authenticate(.transport, _, _): true
        default: false
        }
    }

    /// EXTERNAL AUTHENTICATE of a secure channel, whoever made its bytes.
    fileprivate var opensSecureChannel: Bool {
        switch self {
        case .securityDomain: true
        case .fixed(let command): command.cla & 0x80 != 0 && command.ins == 0x82
        case .authenticate, .writeKey, .writeAnswerToReset, .presentTransportCode, .verifyPIN, .protected: false
        }
    }
}

extension StatusWord {
    /// Whether the card may have compared something: it knows the command, and found its length right.
    fileprivate var comesFromComparison: Bool {
        ![.wrongLength, .instructionNotSupported, .classNotSupported].contains(self)
    }

    /// A MAC was wrong, or had been wrong once too often (cos-dialects §11.2).
    var refusesMAC: Bool {
        [.secureMessagingIncorrect, .invalidMAC, .applicationLockedForGood].contains(self)
    }
}
