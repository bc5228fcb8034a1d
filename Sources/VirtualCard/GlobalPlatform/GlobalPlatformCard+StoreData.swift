import ByteText
import CardCryptography
import CardLayout
import ISO7816

/// STORE DATA to an instance (cos-dialects §10.3).
extension GlobalPlatformCard {
    func storeData(_ command: CommandAPDU) throws -> [UInt8] {
        guard let application = session.application, var instance = content.instances[application],
            let channel = session.channel
        else { throw Refusal(.conditionsNotSatisfied) }
        let isLater = instance.isPersonalized
        guard !isLater || profile.storeData.afterPersonalization == .records else {
            throw Refusal(.conditionsNotSatisfied)
        }
        guard command.p2 == session.nextBlock else { throw Refusal(.wrongData) }
        // the card deciphers what its own bits say is enciphered, and knows no others
        let bits = command.p1 & 0x60
        guard bits == 0 || bits == profile.storeData.encipheredBits else { throw Refusal(.incorrectParameters) }
        let isSecret = bits != 0
        var reader = ByteReader(command.data)
        while reader.remaining > 0 {
            let (identifier, value) = try grouping(&reader)
            // what is not a record is never given twice, nor late
            guard isLater ? !isSecret && Self.records.contains(identifier) : instance.groupings[identifier] == nil
            else { throw Refusal(isLater ? .conditionsNotSatisfied : .wrongData) }
            // one engine's cards take keys only before records
            if isSecret, profile.storeData.keysFirst, instance.groupings.keys.contains(where: { $0 < 0x1F00 }) {
                throw Refusal(.conditionsNotSatisfied)
            }
            instance.groupings[identifier] = isSecret ? try opened(value, channel) : value
        }
        if command.p1 & 0x80 != 0 {
            guard profile.storeData.marksLastBlock else { throw Refusal(.incorrectParameters) }
            instance.lifeCycle = 0x0F
        }
        content.instances[application] = instance
        guard content.dataLength <= profile.memorySize else { throw Refusal(.notEnoughMemory) }
        session.nextBlock &+= 1
        return []
    }

    /// The groupings with records: short identifier and number (cos-dialects §10.3).
    private static let records: ClosedRange<UInt16> = 0x0101...0x1EFF

    private func opened(_ value: [UInt8], _ channel: GlobalPlatformCardChannel) throws -> [UInt8] {
        guard value.count % profile.channelProtocol.blockLength == 0 else { throw Refusal(.wrongData) }
        return try channel.keys.decipherSensitive(value)
    }

    private func grouping(_ reader: inout ByteReader) throws -> (UInt16, [UInt8]) {
        do {
            let identifier: UInt16 = try reader.takeInteger()
            let short: UInt8 = try reader.takeInteger()
            var length = Int(short)
            if short == 0xFF {
                let long: UInt16 = try reader.takeInteger()
                length = Int(long)
            }
            return (identifier, try reader.take(length))
        } catch {
            throw Refusal(.wrongData)
        }
    }
}
