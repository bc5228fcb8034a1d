import CardCryptography
import CardLayout
import ISO7816

/// VERIFY with a PIN block (EMV Book 3 §6.5.12).
extension GlobalPlatformCard {
    /// Compares the PIN; a wrong one costs a try, which is gone before the answer.
    func verify(_ command: CommandAPDU) throws -> StatusWord {
        guard command.p1 == 0x00, command.p2 == 0x80 else { throw Refusal(.incorrectParameters) }
        guard let application = session.application, let instance = content.instances[application],
            instance.isPersonalized, let block = instance.groupings[profile.pin.block]?.prefix(8), block.count == 8,
            let counter = instance.groupings[profile.pin.counter], counter.count == 2
        else { throw Refusal(.referencedDataNotFound) }
        guard counter[0] > 0 else { throw Refusal(.authenticationMethodBlocked) }
        guard command.data.count == 8 else { throw Refusal(.wrongLength) }
        let isRight = constantTimeEqual(Array(block), command.data)
        let left = isRight ? counter[1] : counter[0] - 1
        content.instances[application]?.groupings[profile.pin.counter] = [left, counter[1]]
        return isRight ? .success : .triesLeft(Int(left))
    }
}
