import CardCryptography
import CardLayout
import ISO7816

/// Keys diversified inside, and what is calculated with them.
extension VirtualPSAM {
    /// `80 1A`: the key of a card, which stays inside (INIT FOR DES CRYPT).
    func initialize(_ command: CommandAPDU) throws {
        session.calculation = nil
        let key = try stored(command)
        let levels = Int(key.use >> 5)
        guard command.data.count == 8 * levels else { throw Refusal(.wrongLength) }
        try keep(diversified(key, factors: command.data), of: key)
    }

    /// `BF DE`: a session key of a card, made of the bytes behind the factors (DELIVERY SESSION KEY).
    func deliverSessionKey(_ command: CommandAPDU) throws {
        session.calculation = nil
        let key = try stored(command)
        let count = 8 * Int(key.use >> 5)
        let sessionFactor = Array(command.data.dropFirst(count))
        let isFull = cipher(of: key) == .sm4 && sessionFactor.count == 16
        guard sessionFactor.count == 8 || isFull else { throw Refusal(.wrongLength) }
        let card = try diversified(key, factors: Array(command.data.prefix(count)))
        try keep(
            CardCryptogram.sessionKey(
                key: card, cipher: cipher(of: key), factor: sessionFactor,
                form: CardCryptogram.Form(
                    sessionKeyWidth: profile.sessionKeyWidth, fullSM4Block: isFull,
                    blocks: SM4Blocks(sessionKey: profile.sm4SessionKey))), of: key)
    }

    private func stored(_ command: CommandAPDU) throws -> PSAMMemory.Key {
        guard let file = session.keyFile else { throw Refusal(.conditionsNotSatisfied) }
        guard let key = memory.key(in: file, use: command.p1, identifier: command.p2) else {
            throw Refusal(.referencedDataNotFound)
        }
        guard PSAMKeyKind(use: key.use).isForCalculation else { throw Refusal(.conditionsNotSatisfied) }
        return key
    }

    /// The key of the lowest level that the factors lead to.
    private func diversified(_ key: PSAMMemory.Key, factors: [UInt8]) throws -> [UInt8] {
        let parts = stride(from: 0, to: factors.count, by: 8).map { Array(factors[$0..<$0 + 8]) }
        let downwards = profile.factorOrder == .cardFirst ? parts.reversed() : parts
        // a level is what a session key of 16 bytes is: E(K, F) ‖ E(K, NOT F), or one block of SM4
        return try downwards.reduce(key.value) { master, factor in
            try CardCryptogram.sessionKey(
                key: master, cipher: cipher(of: key), factor: factor, form: CardCryptogram.Form(sessionKeyWidth: 16))
        }
    }

    private func keep(_ value: [UInt8], of key: PSAMMemory.Key) {
        let kind = PSAMKeyKind(use: key.use)
        let isFolded = kind.isFolded && cipher(of: key) == .tripleDES && value.count == 16
        let used = isFolded ? zip(value.prefix(8), value.suffix(8)).map { $0 ^ $1 } : value
        session.calculation = PSAMSession.Calculation(kind: kind, cipher: cipher(of: key), key: used)
    }

    /// `80 FA`: enciphers whole blocks, or takes a MAC over them; padding is the caller's.
    ///
    /// | P1 | |
    /// |---|---|
    /// | 00, 02 | encipher, the last or only part; more follow |
    /// | 01, 03 | MAC, the last part; more follow |
    /// | 05, 07 | the same with an initial value in the first block |
    func calculate(_ command: CommandAPDU) throws -> [UInt8] {
        guard command.p2 == 0 else { throw Refusal(.incorrectParameters) }
        guard var calculation = session.calculation else { throw Refusal(.conditionsNotSatisfied) }
        let bit = calculation.cipher == .sm4 ? profile.sm4CalculationBit : 0
        let block = calculation.cipher.blockLength
        guard (1...profile.largestCalculation).contains(command.data.count), command.data.count % block == 0 else {
            throw Refusal(.wrongLength)
        }
        switch command.p1 {
        case bit, bit | 0x02:
            guard calculation.kind.enciphers else { throw Refusal(.conditionsNotSatisfied) }
            return try calculation.cipher.key(calculation.key.span).encrypt(command.data)
        case bit | 0x01, bit | 0x03, bit | 0x05, bit | 0x07:
            guard calculation.kind.makesMACs else { throw Refusal(.conditionsNotSatisfied) }
            let isFirst = command.p1 & 0x04 != 0
            let start = isFirst ? Array(command.data.prefix(block)) : calculation.chain
            let message = isFirst ? Array(command.data.dropFirst(block)) : command.data
            guard !message.isEmpty else { throw Refusal(.wrongLength) }
            let isLast = command.p1 & 0x02 == 0
            let result = try calculation.chained(message, from: start, isLast: isLast)
            calculation.chain = isLast ? nil : result
            session.calculation = calculation
            return isLast ? Array(result.prefix(profile.macLength)) : []
        default: throw Refusal(.incorrectParameters)
        }
    }
}

extension PSAMSession.Calculation {
    /// The last block of the chain over whole blocks; at its end the retail step of a 16-byte DES key.
    fileprivate func chained(_ message: [UInt8], from start: [UInt8]?, isLast: Bool) throws -> [UInt8] {
        guard cipher == .tripleDES, key.count == 16 else {
            return try BlockCipherMAC.cbcMAC(cipher.key(key.span), message, padding: .zeros, initialValue: start)
        }
        let left = try BlockCipherKey(.singleDES, Array(key.prefix(8)))
        guard isLast else {
            return try BlockCipherMAC.cbcMAC(left, message, padding: .zeros, initialValue: start)
        }
        let right = try BlockCipherKey(.singleDES, Array(key.suffix(8)))
        return try BlockCipherMAC.retailMAC(left, right, message, padding: .zeros, initialValue: start)
    }
}
