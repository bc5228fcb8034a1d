import CardCryptography
import CardLayout
import ISO7816

/// GET CHALLENGE, EXTERNAL and INTERNAL AUTHENTICATE, VERIFY (cos-dialects §6.6, fmcos-ssse).
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
        let directory = try currentDirectory()
        guard let keyFile = directory.keyFile else { throw Refusal(.fileNotFound) }
        guard let index = keyFile.index(baseType: 0x39, identifier: command.p2) else {
            throw Refusal(isPlain && profile.family == .fmcos ? .referencedDataNotFound : profile.keyNotFound)
        }
        let key = keyFile.slots[index]
        try demandUse(of: key)
        let expected = isPlain ? try plainCryptogram(key) : try sessionCryptogram(key, command.data, width: width)
        let isRight = constantTimeEqual(Array(command.data.prefix(expected.count)), expected)
        try judge(isRight, slot: index, in: directory)
        session.reach(key.nextState, inMaster: isInMasterFile)
        return Result()
    }

    func internalAuthenticate(_ command: CommandAPDU) throws -> Result {
        guard command.p1 == 0 else { throw Refusal(.incorrectParameters) }
        let width = usesFullSM4Blocks ? 16 : 8
        guard command.data.count == 2 * width else { throw Refusal(.wrongLength) }
        let directory = try currentDirectory()
        guard let keyFile = directory.keyFile else { throw Refusal(.fileNotFound) }
        guard let index = keyFile.index(baseType: 0x34, identifier: command.p2) else {
            throw Refusal(profile.keyNotFound)
        }
        let key = keyFile.slots[index]
        try demandUse(of: key)
        let first = Array(command.data.prefix(width))
        let second = Array(command.data.suffix(width))
        let isFactorFirst = profile.internalAuthenticationOrder == .factorFirst
        return Result(
            data: try cryptogram(key, factor: isFactorFirst ? first : second, original: isFactorFirst ? second : first))
    }

    func verify(_ command: CommandAPDU) throws -> Result {
        guard command.p1 == 0 else { throw Refusal(.incorrectParameters) }
        guard (2...8).contains(command.data.count) else { throw Refusal(.wrongLength) }
        let (directory, index) = try personalIdentificationNumber(command.p2)
        guard let key = directory.keyFile?.slots[index] else { throw Refusal(.keyIndexNotSupported) }
        try demandUse(of: key)
        try judge(constantTimeEqual(digits(command.data), digits(key.value)), slot: index, in: directory)
        session.reach(key.nextState, inMaster: isInMasterFile)
        return Result()
    }

    // MARK: -

    private var usesFullSM4Blocks: Bool { profile.algorithm == .sm4 && profile.sm4Authentication == .full16 }

    private func demandUse(of key: KeySlot) throws {
        guard session.isMet(key.useRight) else { throw Refusal(.securityStatusNotSatisfied) }
        guard !key.hasCounter || key.triesLeft > 0 else { throw Refusal(.authenticationMethodBlocked) }
    }

    /// Notes success or failure in the key's counter before anything is answered, so that pulling the card gives no free try.
    private func judge(_ isRight: Bool, slot: Int, in directory: DirectoryNode) throws {
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
            try CardCryptogram.plainCryptogram(key: key.value, cipher: cipher, challenge: challenge)
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
                    sessionKeyWidth: profile.sessionKeyWidth, fullSM4Block: usesFullSM4Blocks))
        }
    }

    var cipher: CardCipher { profile.algorithm == .sm4 ? .sm4 : .tripleDES }

    func refusing<Value>(_ body: () throws -> Value) throws -> Value {
        do { return try body() } catch { throw Refusal(.wrongData) }
    }

    /// The PIN of the current directory, or, where the profile climbs, of the nearest directory above that has one.
    private func personalIdentificationNumber(_ identifier: UInt8) throws -> (DirectoryNode, Int) {
        var directory: DirectoryNode? = try currentDirectory()
        while let candidate = directory {
            if let index = candidate.keyFile?.index(baseType: 0x3A, identifier: identifier) {
                return (candidate, index)
            }
            directory = profile.pinLookup == .climb ? candidate.parent : nil
        }
        throw Refusal(.keyIndexNotSupported)
    }

    /// Trailing FF bytes of a PIN do not count.
    private func digits(_ bytes: [UInt8]) -> [UInt8] {
        var bytes = bytes
        while bytes.last == 0xFF { bytes.removeLast() }
        return bytes
    }
}
