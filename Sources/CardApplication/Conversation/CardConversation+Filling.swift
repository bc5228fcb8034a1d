import CardCryptography
import CardLayout
import ISO7816
import IssuerKeys

/// Slots filled with the key service: what an operation becomes once the card's challenge is known.
extension CardConversation {
    /// The command that an operation becomes with the last challenge; a security domain's is made on its way.
    func fill(_ operation: CardOperation) throws(CardError) -> CommandAPDU {
        switch operation {
        case .fixed(let command):
            return command
        case .authenticate(let key, let identifier, let authenticationForm):
            let data = try cryptogram(key, authenticationForm)
            return try building { () throws(CommandAPDU.Malformed) in
                try CommandAPDU(0x00, 0x82, 0x00, identifier, data: data)
            }
        case .writeKey(let record, let content, let isUpdate, let master):
            guard let challenge = challenges.first else { throw .noChallenge }
            let loading = try building { () throws(CommandAPDU.Malformed) in
                try profile.keyLoading(of: record, isUpdate: isUpdate)
            }
            let request = WriteKeyRequest(
                p1: loading.p1, p2: loading.p2, header: loading.header, content: try requested(content),
                contentLength: profile.paddedKeyLength(isUpdate: isUpdate), protection: master, card: context,
                challenge: challenge, sm4: profile.secureMessaging.sm4)
            do { return try keys.writeKeyCommand(request) } catch { throw .keys(error) }
        case .protected(let command, let key, let mode):
            guard let challenge = challenges.first else { throw .noChallenge }
            do { return try line(key, mode).finish(command, challenge: challenge) } catch { throw .keys(error) }
        case .writeAnswerToReset:
            let command = try building { () throws(CommandAPDU.Malformed) in
                try profile.answerToResetWriting(answerToReset)
            }
            guard let command else { throw .malformed(.lengthMismatch) }
            return command
        case .presentTransportCode:
            return try transportCode()
        case .verifyPIN(let identifier, _):
            guard let pin else { throw .pinNeeded }
            let digits =
                profile.pinBlockLength == nil
                ? pin.withPackedDigits { Array($0) } : pin.withBlock { block in block.indices.map { block[$0] } }
            return try building { () throws(CommandAPDU.Malformed) in
                try CommandAPDU(0x00, 0x20, 0x00, identifier, data: digits)
            }
        case .securityDomain:
            // their bytes are made on their way through the channel
            throw .malformed(.lengthMismatch)
        }
    }

    private func line(_ key: CardKeyReference, _ mode: LineProtection.Mode) -> ProtectedChannel {
        let place = LineKey(key: key, mode: mode)
        if let known = lines[place] { return known }
        let protection = IssuerKeyProtection(key, of: context, keys: keys, form: profile.lineProtection(mode))
        let line = ProtectedChannel(base, protection, profile: profile)
        lines[place] = line
        return line
    }

    /// Sends a finished command; the challenge has served, whatever comes back.
    func exchange(
        _ finished: CommandAPDU, for command: CommandAPDU, _ key: CardKeyReference, _ mode: LineProtection.Mode
    ) throws(CardError) -> ResponseAPDU {
        guard let challenge = challenges.first else { throw .noChallenge }
        challenges = []
        do {
            return try line(key, mode).exchange(finished, for: command, challenge)
        } catch {
            throw .channel(error)
        }
    }

    /// The chip's own bytes stand where a challenge would: a blank has the same code every time.
    private func transportCode() throws(CardError) -> CommandAPDU {
        // whatever diversifies the keys, the code is made of the answer's last six bytes (cos-dialects §3.7)
        let serial = answerToReset.historicalBytes.suffix(6)
        guard let template = profile.commands[.transportCode], serial.count == 6 else {
            throw .malformed(.lengthMismatch)
        }
        let code: [UInt8]
        do {
            code = try keys.plainExternalAuthentication(
                with: .transport(profile.transportKey), of: context,
                challenge: [0x00, 0x00] + serial, form: form)
        } catch {
            throw .keys(error)
        }
        return try building { () throws(CommandAPDU.Malformed) in try template.command([.transportCode: code]) }
    }

    private func requested(_ content: CardOperation.KeyContent) throws(CardError) -> WriteKeyRequest.Content {
        switch content {
        case .key(let reference): return .key(reference)
        case .personalIdentificationNumber:
            guard let pin else { throw .pinNeeded }
            return .pin(pin)
        }
    }

    private func cryptogram(
        _ key: CardKeyReference, _ authenticationForm: CardOperation.AuthenticationForm
    ) throws(CardError) -> [UInt8] {
        defer { challenges = [] }
        switch authenticationForm {
        case .plain:
            guard let challenge = challenges.first else { throw .noChallenge }
            do {
                return try keys.plainExternalAuthentication(
                    with: key, of: context, challenge: challenge, form: form)
            } catch {
                throw .keys(error)
            }
        case .session:
            guard challenges.count == 2 else { throw .noChallenge }
            let isNewestFactor = profile.challengeOrder == .newestIsFactor
            let pair = ChallengePair(
                factor: challenges[isNewestFactor ? 0 : 1], original: challenges[isNewestFactor ? 1 : 0])
            do {
                return try keys.externalAuthentication(with: key, of: context, challenges: pair, form: form)
            } catch {
                throw .keys(error)
            }
        }
    }
}
