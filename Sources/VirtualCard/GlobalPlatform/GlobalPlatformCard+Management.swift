import ByteText
import CardCryptography
import CardLayout
import ISO7816

/// What changes the card: INSTALL, LOAD, DELETE, SET STATUS, GET STATUS, PUT KEY.
extension GlobalPlatformCard {
    /// These commands are the security domain's alone.
    private func demandSecurityDomain() throws {
        guard session.application == nil else { throw Refusal(.conditionsNotSatisfied) }
    }

    /// Length and bytes; throws 6A80 where they are not there.
    private func field(_ reader: inout ByteReader) throws -> [UInt8] {
        do {
            let length: UInt8 = try reader.takeInteger()
            return try reader.take(Int(length))
        } catch {
            throw Refusal(.wrongData)
        }
    }

    func install(_ command: CommandAPDU) throws -> [UInt8] {
        try demandSecurityDomain()
        var reader = ByteReader(command.data)
        switch command.p1 {
        case 0x02:
            let (file, domain) = (try field(&reader), try field(&reader))
            guard (5...16).contains(file.count), domain.isEmpty || domain == profile.securityDomain else {
                throw Refusal(.wrongData)
            }
            guard content.loadFiles[file] == nil else { throw Refusal(.conditionsNotSatisfied) }
            session.loading = (file, 0)
        case 0x0C:
            let fields = try (0..<6).map { _ in try field(&reader) }
            guard reader.remaining == 0, (5...16).contains(fields[2].count), [1, 3].contains(fields[3].count) else {
                throw Refusal(.wrongData)
            }
            guard content.loadFiles[fields[0]]?.contains(fields[1]) == true else {
                throw Refusal(.referencedDataNotFound)
            }
            guard content.instances[fields[2]] == nil else { throw Refusal(.conditionsNotSatisfied) }
            content.instances[fields[2]] = GlobalPlatformCardContent.Instance(
                loadFile: fields[0], module: fields[1], privileges: fields[3])
        default: throw Refusal(.incorrectParameters)
        }
        return [0x00]
    }

    /// The bytes of a load file are taken in their order and not looked into; its module bears the file's own AID.
    func load(_ command: CommandAPDU) throws -> [UInt8] {
        try demandSecurityDomain()
        guard let (file, block) = session.loading else { throw Refusal(.conditionsNotSatisfied) }
        guard command.p2 == block, block != 0 || command.data.first == 0xC4 else { throw Refusal(.wrongData) }
        session.loading = (file, block &+ 1)
        if command.p1 & 0x80 != 0 {
            session.loading = nil
            content.loadFiles[file] = [file]
        }
        return [0x00]
    }

    func delete(_ command: CommandAPDU) throws -> [UInt8] {
        try demandSecurityDomain()
        guard command.data.first == 0x4F else { throw Refusal(.wrongData) }
        var reader = ByteReader(Array(command.data.dropFirst()))
        let application = try field(&reader)
        if content.instances.removeValue(forKey: application) != nil { return [0x00] }
        guard content.loadFiles[application] != nil else { throw Refusal(.referencedDataNotFound) }
        let related = content.instances.filter { $0.value.loadFile == application }.map(\.key)
        guard related.isEmpty || command.p2 & 0x80 != 0 else { throw Refusal(.conditionsNotSatisfied) }
        related.forEach { content.instances.removeValue(forKey: $0) }
        content.loadFiles.removeValue(forKey: application)
        return [0x00]
    }

    /// The card goes forward only: ready, initialized, secured.
    func setStatus(_ command: CommandAPDU) throws -> [UInt8] {
        try demandSecurityDomain()
        guard command.p1 == 0x80 else { throw Refusal(.incorrectParameters) }
        guard [0x07, 0x0F].contains(command.p2), command.p2 > content.lifeCycle else {
            throw Refusal(.conditionsNotSatisfied)
        }
        content.lifeCycle = command.p2
        return []
    }

    /// As many as one answer holds; the others wait for P2 with bit 1, "next occurrence".
    func getStatus(_ command: CommandAPDU) throws -> [UInt8] {
        try demandSecurityDomain()
        guard command.p2 & 0x02 != 0, command.data.first == 0x4F else { throw Refusal(.incorrectParameters) }
        let isNext = command.p2 & 0x01 != 0
        guard var waiting = isNext ? session.statusLeft : try status(command) else {
            throw Refusal(.referencedDataNotFound)
        }
        var answer: [UInt8] = []
        while let next = waiting.first, answer.isEmpty || answer.count + next.count <= Self.longestStatus {
            answer += next
            waiting.removeFirst()
        }
        session.statusLeft = waiting.isEmpty ? nil : waiting
        return answer
    }

    /// An answer has 256 bytes, of which a cryptogram and a MAC of the channel may take 32.
    private static let longestStatus = 224

    /// A template for each that was asked for.
    private func status(_ command: CommandAPDU) throws -> [[UInt8]] {
        var reader = ByteReader(Array(command.data.dropFirst()))
        let prefix = try field(&reader)
        let entries: [(name: [UInt8], state: UInt8, privileges: [UInt8])]
        switch command.p1 {
        case 0x80: entries = [(profile.securityDomain, content.lifeCycle, [0x9E])]
        case 0x40: entries = content.instances.map { ($0.key, $0.value.lifeCycle, $0.value.privileges) }
        case 0x20: entries = content.loadFiles.keys.map { ($0, 0x01, [0x00]) }
        default: throw Refusal(.incorrectParameters)
        }
        let found = entries.filter { $0.name.starts(with: prefix) }.sorted { $0.name.hexadecimal < $1.name.hexadecimal }
        guard !found.isEmpty else { throw Refusal(.referencedDataNotFound) }
        return found.map { entry in
            template(
                0xE3,
                template(0x4F, entry.name) + [0x9F, 0x70, 0x01, entry.state] + template(0xC5, entry.privileges))
        }
    }

    /// All three keys of a version at once; their check values must be right, and are answered.
    func putKey(_ command: CommandAPDU) throws -> [UInt8] {
        try demandSecurityDomain()
        guard command.p2 == 0x81 else { throw Refusal(.incorrectParameters) }
        guard let version = command.data.first, (1...0x7F).contains(version) else { throw Refusal(.wrongData) }
        guard command.p1 == 0 || content.keySets[command.p1] != nil else { throw Refusal(.referencedDataNotFound) }
        guard content.keySets[version] != nil || content.keySets.count < GlobalPlatformCardContent.mostKeySets else {
            throw Refusal(.notEnoughMemory)
        }
        var reader = ByteReader(Array(command.data.dropFirst()))
        var keys: [[UInt8]] = []
        var answer = [version]
        for _ in 0..<3 {
            let (key, check) = try receivedKey(&reader)
            keys.append(key)
            answer += check
        }
        guard reader.remaining == 0 else { throw Refusal(.wrongData) }
        if command.p1 != 0 { content.keySets.removeValue(forKey: command.p1) }
        content.keySets[version] = GlobalPlatformCardContent.KeySet(
            encryption: keys[0], mac: keys[1], dataEncryption: keys[2])
        content.defaultKeyVersion = version
        return answer
    }

    private func receivedKey(_ reader: inout ByteReader) throws -> (key: [UInt8], check: [UInt8]) {
        guard let channel = session.channel else { throw Refusal(.conditionsNotSatisfied) }
        let isAES = profile.channelProtocol.version == .scp03
        guard (try? reader.take(1)) == [isAES ? 0x88 : 0x80] else { throw Refusal(.wrongData) }
        var block = try field(&reader)
        let check = try field(&reader)
        var length = block.count
        // the key's length stands before its blocks
        if isAES && block.count % 16 == 1 { length = Int(block.removeFirst()) }
        guard block.count % profile.channelProtocol.blockLength == 0,
            (isAES ? [16, 24, 32] : [16]).contains(length), length <= block.count
        else { throw Refusal(.wrongData) }
        let key = Array(try channel.keys.decipherSensitive(block).prefix(length))
        guard try checkValue(key, isAES: isAES) == check else { throw Refusal(.wrongData) }
        return (key, check)
    }

    private func checkValue(_ key: [UInt8], isAES: Bool) throws(CryptographyError) -> [UInt8] {
        let cipher: BlockCipher = isAES ? (key.count == 16 ? .aes128 : key.count == 24 ? .aes192 : .aes256) : .tripleDES
        let expanded = try BlockCipherKey(cipher, key)
        let zeros = [UInt8](repeating: 0, count: cipher.blockLength)
        let block =
            switch profile.checkValue {
            case .encryptedZeros: try expanded.encrypt(zeros)
            case .encryptedOnes: try expanded.encrypt(zeros.map { $0 + 1 })
            case .cmacOfZeros: try BlockCipherMAC.cmac(cipher, key: key.span, zeros)
            }
        return Array(block.prefix(3))
    }
}
