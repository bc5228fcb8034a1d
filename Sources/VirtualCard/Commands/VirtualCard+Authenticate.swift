import CardCryptography
import CardLayout
import ISO7816

/// GET CHALLENGE, EXTERNAL and INTERNAL AUTHENTICATE (cos-dialects §6.6, fmcos-ssse).
extension VirtualCard {
    func getChallenge(_ command: CommandAPDU) throws -> Result {
        guard command.p1 == 0, command.p2 == 0 else { throw Refusal(.incorrectParameters) }
        guard command.data.isEmpty, let count = command.expectedLength, [4, 8, 16].contains(count) else {
            throw Refusal(.wrongLength)
        }
        return Result(data: try newChallenge(count))
    }

    func externalAuthenticate(_ command: CommandAPDU) throws -> Result {
        guard command.p1 == 0 else { throw Refusal(.incorrectParameters) }
        let width = usesFullSM4Blocks ? 16 : 8
        let isPlain = command.data.count == 8
        let isSession = [2 * width, 2 * width + 1].contains(command.data.count)
        guard isPlain || isSession, profile.authenticationForms.contains(isPlain ? 8 : 16) else {
            throw Refusal(.wrongLength)
        }
        if memory.masterFile == nil, profile.blankAuthentication == .transportKey {
            return try proveOwner(command.data)
        }
        let directory = try directory(ofKey: command.p2)
        guard let keyFile = directory.keyFile else { throw Refusal(.fileNotFound) }
        let mask: UInt8 = profile.hasLocalKeyBit ? 0x7F : 0xFF
        guard
            let index = keyFile.slots.firstIndex(where: {
                $0.baseType == 0x39 && $0.identifier & mask == command.p2 & mask
            })
        else {
            throw Refusal(isPlain && profile.family == .fmcos ? .referencedDataNotFound : profile.keyNotFound)
        }
        let key = keyFile.slots[index]
        try demandUse(of: key)
        let expected = isPlain ? try plainCryptogram(key) : try sessionCryptogram(key, command.data, width: width)
        let isRight = constantTimeEqual(Array(command.data.prefix(expected.count)), expected)
        try judge(isRight, slot: index, in: directory)
        session.reach(key.nextState, inMaster: directory === memory.masterFile)
        return Result()
    }

    /// Where bit 8 of P2 tells a directory's own keys, a key without it is the master file's, and the master file has no others.
    private func directory(ofKey reference: UInt8) throws -> DirectoryNode {
        let current = try currentDirectory()
        guard profile.hasLocalKeyBit, let masterFile = memory.masterFile else { return current }
        let isLocal = reference & 0x80 != 0
        guard !isLocal || current !== masterFile else { throw Refusal(profile.keyNotFound) }
        return isLocal ? current : masterFile
    }

    /// P1 00 enciphers, 01 deciphers, 02 makes a MAC; the internal key (34) answers in the social-security form where the
    /// profile has it, and then in no other: a cipher of free choice would give its session keys away.
    func internalAuthenticate(_ command: CommandAPDU) throws -> Result {
        let types: [UInt8]
        switch command.p1 {
        case 0x00: types = [0x34, 0x30]
        case 0x01: types = [0x31]
        case 0x02: types = [0x32]
        default: throw Refusal(.incorrectParameters)
        }
        guard command.data.count >= cipher.blockLength, command.data.count % cipher.blockLength == 0 else {
            throw Refusal(.wrongLength)
        }
        guard let keyFile = try currentDirectory().keyFile else { throw Refusal(.fileNotFound) }
        guard let index = keyFile.index(anyOf: types, identifier: command.p2) else {
            let isOfAnotherKind = keyFile.index(anyOf: [0x34, 0x30, 0x31, 0x32], identifier: command.p2) != nil
            throw Refusal(isOfAnotherKind ? .incompatibleFileStructure : profile.keyNotFound)
        }
        let key = keyFile.slots[index]
        if key.baseType == 0x34, profile.authenticationForms.contains(16) {
            return Result(data: try sessionAnswer(to: command.data, key))
        }
        try demandUse(of: key)
        let data = try refusing {
            let blocks = try BlockCipherKey(
                cipher == .sm4 ? .sm4 : key.value.count == 8 ? .singleDES : .tripleDES, key.value)
            switch command.p1 {
            case 0x00: return try blocks.encrypt(command.data)
            case 0x01: return try blocks.decrypt(command.data)
            default:
                return try CardCryptogram.commandMAC(
                    key: key.value, cipher: cipher,
                    initialValue: CardCryptogram.initialValue(challenge: [], cipher: cipher), message: command.data)
            }
        }
        return Result(data: data)
    }

    private func sessionAnswer(to data: [UInt8], _ key: KeySlot) throws -> [UInt8] {
        let width = usesFullSM4Blocks ? 16 : 8
        guard data.count == 2 * width else { throw Refusal(.wrongLength) }
        try demandUse(of: key)
        let first = Array(data.prefix(width))
        let second = Array(data.suffix(width))
        let isFactorFirst = profile.internalAuthenticationOrder == .factorFirst
        return try cryptogram(
            key, factor: isFactorFirst ? first : second, original: isFactorFirst ? second : first)
    }

    // MARK: -

    private var usesFullSM4Blocks: Bool { profile.algorithm == .sm4 && profile.sm4Authentication == .full16 }

    func demandUse(of key: KeySlot) throws {
        guard session.isMet(key.useRight) else { throw Refusal(.securityStatusNotSatisfied) }
        guard !key.hasCounter || key.triesLeft > 0 else { throw Refusal(.authenticationMethodBlocked) }
    }

    /// Notes success or failure in the key's counter before anything is answered, so that pulling the card gives no free try.
    func judge(_ isRight: Bool, slot: Int, in directory: DirectoryNode) throws {
        if isRight {
            let before = directory.keyFile?.slots[slot].counter
            directory.keyFile?.slots[slot].noteSuccess()
            if before != directory.keyFile?.slots[slot].counter { isChanged = true }
        } else {
            directory.keyFile?.slots[slot].noteFailure()
            isChanged = true
            // TimeCOS also takes back what was reached in the MF (cos-dialects §2.2).
            if profile.family == .timecos, isInMasterFile { session.forgetMaster() }
            throw Refusal(.triesLeft(directory.keyFile?.slots[slot].triesLeft ?? 0))
        }
    }

    private func plainCryptogram(_ key: KeySlot) throws -> [UInt8] {
        guard let challenge = session.challenges.first else { throw Refusal(profile.noChallenge) }
        return try refusing {
            try CardCryptogram.plainCryptogram(
                key: key.value, cipher: cipher, challenge: challenge, blocks: profile.secureMessaging.sm4.blocks)
        }
    }

    private func sessionCryptogram(_ key: KeySlot, _ data: [UInt8], width: Int) throws -> [UInt8] {
        guard session.challenges.count == 2 else { throw Refusal(profile.noChallenge) }
        let isNewestFactor = profile.challengeOrder == .newestIsFactor
        let factor = session.challenges[isNewestFactor ? 0 : 1]
        let known = session.challenges[isNewestFactor ? 1 : 0]
        let original = Array(data[width..<2 * width])
        guard factor.count == width else { throw Refusal(profile.noChallenge) }
        let expected = try cryptogram(key, factor: factor, original: original)
        // Y that is not the card's own challenge counts as a failed try, like a wrong X.
        guard profile.acceptsAnyOriginal || original == known else { return expected.map { ~$0 } }
        return expected
    }

    private func cryptogram(_ key: KeySlot, factor: [UInt8], original: [UInt8]) throws -> [UInt8] {
        try refusing {
            try CardCryptogram.sessionCryptogram(
                key: key.value, cipher: cipher, factor: factor, original: original,
                form: CardCryptogram.Form(
                    sessionKeyWidth: profile.sessionKeyWidth, fullSM4Block: usesFullSM4Blocks,
                    blocks: profile.secureMessaging.sm4.blocks))
        }
    }

    var cipher: CardCipher { profile.algorithm == .sm4 ? .sm4 : .tripleDES }

    func refusing<Value>(_ body: () throws -> Value) throws -> Value {
        do { return try body() } catch { throw Refusal(.wrongData) }
    }
}
