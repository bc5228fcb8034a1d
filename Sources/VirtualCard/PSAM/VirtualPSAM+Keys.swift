import CardCryptography
import CardLayout
import ISO7816

/// The master key, and the keys that come in under it.
extension VirtualPSAM {
    /// Bytes of a key's header: use, version, algorithm (TimeCOS), where the version is the identifier too; or use, identifier,
    /// version, algorithm and four zeros (social security).
    private enum HeaderLength: Int {
        case timeCOS = 3
        case socialSecurity = 8
    }

    /// EXTERNAL AUTHENTICATE with the module's master key, over the last challenge.
    func externalAuthenticate(_ command: CommandAPDU, _ challenge: [UInt8]?) throws {
        guard command.p1 == 0, command.p2 == 0 else { throw Refusal(.incorrectParameters) }
        guard command.data.count == 8 else { throw Refusal(.wrongLength) }
        let master = try usableMaster()
        guard let challenge, challenge.count == 8 else { throw Refusal(.conditionsNotSatisfied) }
        let expected = try CardCryptogram.plainCryptogram(
            key: master.value, cipher: cipher(of: master), challenge: challenge)
        guard constantTimeEqual(expected, command.data) else {
            memory.masterTriesLeft -= 1
            throw Refusal(.triesLeft(memory.masterTriesLeft))
        }
        memory.masterTriesLeft = profile.masterTries
        session.isMasterProved = true
    }

    /// WRITE KEY: cipher and MAC under the master key.
    func writeKey(_ command: CommandAPDU, _ challenge: [UInt8]?) throws {
        guard command.p1 == 0 else { throw Refusal(.incorrectParameters) }
        let master = try usableMaster()
        guard let challenge else { throw Refusal(.conditionsNotSatisfied) }
        let plain: [UInt8]
        do throws(CryptographyError) {
            plain = try LineProtection(.encipheredWithMAC).unprotect(
                key: master.value, cipher: cipher(of: master), header: command.header, field: command.data,
                isRead: false, challenge: challenge)
        } catch {
            guard error == .notAuthentic else { throw Refusal(.wrongLength) }
            memory.masterTriesLeft -= 1
            throw Refusal(.secureMessagingIncorrect)
        }
        memory.masterTriesLeft = profile.masterTries
        memory.put(try key(from: plain, file: UInt16(command.p2)))
    }

    private func key(from plain: [UInt8], file: UInt16) throws -> PSAMMemory.Key {
        guard let form = HeaderLength(rawValue: plain.count - 16) else { throw Refusal(.wrongData) }
        let value = Array(plain.suffix(16))
        let (identifier, version, code): (UInt8, UInt8, UInt8)
        switch form {
        case .timeCOS: (identifier, version, code) = (plain[1], plain[1], plain[2])
        case .socialSecurity:
            guard plain[4..<8].allSatisfy({ $0 == 0 }) else { throw Refusal(.wrongData) }
            (identifier, version, code) = (plain[1], plain[2], plain[3])
        }
        let home: UInt16
        switch code {
        case profile.tripleDES.code: home = profile.tripleDES.keyFile
        case profile.sm4.code where profile.knowsSM4(self.version): home = profile.sm4.keyFile
        default: throw Refusal(.wrongData)
        }
        if PSAMKeyKind(use: plain[0]).isMaster {
            guard file == 0 else { throw Refusal(.wrongData) }
            return PSAMMemory.Key(
                file: 0, use: plain[0], identifier: identifier, version: version, algorithm: code, value: value)
        }
        // keys of a file are those of its algorithm; file 00 stands for that file
        guard file == 0 || file == home else { throw Refusal(isKeyFile(file) ? .wrongData : .fileNotFound) }
        return PSAMMemory.Key(
            file: home, use: plain[0], identifier: identifier, version: version, algorithm: code, value: value)
    }

    private func usableMaster() throws -> PSAMMemory.Key {
        guard let master = memory.master else { throw Refusal(.referencedDataNotFound) }
        guard memory.masterTriesLeft > 0 else { throw Refusal(.authenticationMethodBlocked) }
        return master
    }

    /// The cipher of a key.
    func cipher(of key: PSAMMemory.Key) -> CardCipher { key.algorithm == profile.sm4.code ? .sm4 : .tripleDES }
}
