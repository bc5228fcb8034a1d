import CardLayout
public import ISO7816
import IssuerKeys

/// What an answer that is no success means.
extension CardConversation {
    /// What a status word means for an operation that had to succeed.
    public func refusal(of operation: CardOperation, _ statusWord: StatusWord) -> CardError {
        switch operation {
        case .authenticate(let key, _, _):
            if let tries = triesLeft(of: operation, statusWord) {
                return .authenticationFailed(key: key.name, triesLeft: tries)
            }
            if statusWord == .authenticationMethodBlocked { return .keyBlocked(key.name) }
        case .verifyPIN:
            if let tries = triesLeft(of: operation, statusWord) {
                return tries > 0 ? .wrongPIN(triesLeft: tries) : .pinBlocked
            }
            if statusWord == .authenticationMethodBlocked { return .pinBlocked }
        case .securityDomain(.externalAuthenticate(let settings)) where statusWord.failsAuthentication:
            let counter = profile.tryCounter(of: operation)
            let left = statusWord.triesLeft ?? counter.flatMap { record.triesLeft($0) } ?? 0
            return .authenticationFailed(key: settings.keySet, triesLeft: left)
        case .fixed, .writeKey, .writeAnswerToReset, .presentTransportCode, .protected, .securityDomain:
            break
        }
        switch operation {
        case .fixed(let command): return .refused(command, statusWord)
        // the header alone: the data that the card did not take is nobody's affair
        case .protected(let command, _, _):
            return .refused(CommandAPDU(command.cla, command.ins, command.p1, command.p2), statusWord)
        case .authenticate(_, let identifier, _):
            return .refused(CommandAPDU(0x00, 0x82, 0x00, identifier), statusWord)
        case .writeKey(let record, _, let isUpdate, _):
            let loading = try? profile.keyLoading(of: record, isUpdate: isUpdate)
            return .refused(CommandAPDU(0x84, 0xD4, loading?.p1 ?? 0, loading?.p2 ?? 0), statusWord)
        case .writeAnswerToReset:
            let command = try? profile.answerToResetWriting(answerToReset)
            return .refused(command ?? CommandAPDU(0x80, 0xE0, 0x05, 0x00), statusWord)
        case .presentTransportCode: return .transportCodeRefused(statusWord)
        case .securityDomain(let operation): return .securityDomain(.refused(operation.header, statusWord))
        case .verifyPIN(let identifier, _): return .refused(CommandAPDU(0x00, 0x20, 0x00, identifier), statusWord)
        }
    }

    /// What a failed comparison left, where the card tells it or it was counted here; nil for another answer.
    private func triesLeft(of operation: CardOperation, _ statusWord: StatusWord) -> Int? {
        if let tries = statusWord.triesLeft { return tries }
        guard statusWord == .comparisonFailed else { return nil }
        return counter(of: operation).flatMap { record.triesLeft($0) } ?? 0
    }
}
