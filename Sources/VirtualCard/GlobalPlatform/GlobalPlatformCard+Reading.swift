import ByteText
import CardCryptography
import CardLayout
import ISO7816

/// SELECT, READ RECORD and GET DATA.
extension GlobalPlatformCard {
    func select(_ command: CommandAPDU) throws -> [UInt8] {
        guard command.p1 == 0x04, command.p2 == 0x00 else { throw Refusal(.incorrectParameters) }
        if command.data.isEmpty || command.data == profile.securityDomain {
            session.select(nil)
            // 9F65: the most data bytes of a command
            return fileControlInformation(profile.securityDomain, [0x9F, 0x65, 0x01, 0xFF])
        }
        guard let instance = content.instances[command.data] else { throw Refusal(.fileNotFound) }
        // a card that takes no mark at the last block is personalised by what it has when it is selected anew
        if !profile.storeData.marksLastBlock && !instance.groupings.isEmpty {
            content.instances[command.data]?.lifeCycle = 0x0F
        }
        session.select(command.data)
        return fileControlInformation(command.data, [])
    }

    private func fileControlInformation(_ name: [UInt8], _ proprietary: [UInt8]) -> [UInt8] {
        let inner = [0x84, UInt8(name.count)] + name + [0xA5, UInt8(proprietary.count)] + proprietary
        return [0x6F, UInt8(inner.count)] + inner
    }

    /// By number, or by the tag that a record begins with.
    func readRecord(_ command: CommandAPDU) throws -> [UInt8] {
        guard let application = session.application, let instance = content.instances[application],
            instance.isPersonalized
        else { throw Refusal(.conditionsNotSatisfied) }
        let file = UInt16(command.p2 >> 3)
        let records = instance.groupings.filter { $0.key >> 8 == file }
        guard (0x01...0x1E).contains(file), !records.isEmpty else { throw Refusal(.fileNotFound) }
        let record: [UInt8]?
        switch command.p2 & 0x07 {
        case 0b100: record = records[file << 8 | UInt16(command.p1)]
        case 0b000: record = records.sorted { $0.key < $1.key }.first { $0.value.first == command.p1 }?.value
        default: throw Refusal(.incorrectParameters)
        }
        guard let record else { throw Refusal(.recordNotFound) }
        if let expected = command.expectedLength, expected != 256, expected != record.count {
            throw Refusal(.correctLength(record.count))
        }
        return record
    }

    func getData(_ command: CommandAPDU) throws -> [UInt8] {
        switch UInt16(command.p1) << 8 | UInt16(command.p2) {
        case 0x9F7F: return [0x9F, 0x7F, 0x2A] + answerToReset.suffix(6) + [UInt8](repeating: 0, count: 36)
        case 0x0066:
            // 73: recognition data; 64: the secure channel protocol and its i (1.2.840.114283.4.SCP.i)
            let spoken = profile.channelProtocol
            let identifier =
                [0x06, 0x0B, 0x2A, 0x86, 0x48, 0x86, 0xFC, 0x6B, 0x04]
                + [spoken.version.rawValue, spoken.parameter, 0x00].prefix(2)
            return template(0x66, template(0x73, template(0x64, identifier.withLength)))
        case 0x0042: return template(0x42, Array(keyData.prefix(6)))
        case 0x0045: return template(0x45, Array(keyData.suffix(4)))
        case 0x00E0:
            let cipher: UInt8 = profile.channelProtocol.version == .scp02 ? 0x80 : 0x88
            let keys = content.keySets.sorted { $0.key < $1.key }.flatMap { version, set in
                (1...3).flatMap { template(0xC0, [$0, version, cipher, UInt8(set.mac.count)]) }
            }
            return template(0xE0, keys)
        case 0x00C1: return template(0xC1, Array(content.sequenceCounter.bigEndianBytes.suffix(3)))
        default: throw Refusal(.referencedDataNotFound)
        }
    }

    func template(_ tag: UInt8, _ value: [UInt8]) -> [UInt8] { [tag, UInt8(value.count)] + value }
}

extension [UInt8] {
    /// The same object identifier with the length it has.
    fileprivate var withLength: [UInt8] { [self[0], UInt8(count - 2)] + self[2...] }
}
