import ByteText
import Testing

@testable import CardCryptography

/// Known answers of every derivation.
///
/// Expected values from the tests of GlobalPlatformPro (TestPlaintextKeys.java, TestSCP03.java)
/// and openjavacard-tools (SCP02WrapperTest.java, SCP03WrapperTest.java); check values are E(K, zeros) for 3DES, E(K, 01…01) for AES.
@Suite struct SecureChannelKeyTests {
    private static let master: [UInt8] = Array(0x40...0x4F)
    private static let keyData: [UInt8] = Array(0...9)

    private func check(_ cipher: BlockCipher, _ key: borrowing SecretBytes) throws -> String {
        let block = [UInt8](repeating: cipher.blockLength == 16 ? 1 : 0, count: cipher.blockLength)
        return try key.withSpan { key throws(CryptographyError) in try BlockCipherKey(cipher, key).encrypt(block) }
            .prefix(3).hexadecimal
    }

    private func checks(_ keys: borrowing SecureChannelStaticKeys) throws -> [String] {
        [
            try check(keys.cipher, keys.encryption), try check(keys.cipher, keys.mac),
            try check(keys.cipher, keys.dataEncryption),
        ]
    }

    @Test func theMasterKeyOfCPSGivesThePublishedCardKeys() throws {
        let keys = try SecureChannelStaticKeys(.scp02, master: Self.master.span, .emv, keyData: Self.keyData)
        #expect(try checks(keys) == ["C33013", "6F4CA6", "BB8179"])
    }

    @Test(arguments: [
        (16, ["E79C05", "D1BD77", "3FDE8C"]), (24, ["1DE8EA", "47C00C", "C04D76"]),
        (32, ["2972D2", "036F94", "5D57B8"]),
    ])
    func theCounterRuleGivesThePublishedCardKeys(length: Int, expected: [String]) throws {
        let master = Array((0x40...0x5F).prefix(length).map { UInt8($0) })
        let keys = try SecureChannelStaticKeys(.scp03, master: master.span, .counter, keyData: Self.keyData)
        #expect(try checks(keys) == expected)
    }

    @Test func theCounterRuleGivesThePublishedBytes() throws {
        let master = try bytes("8C72C72CF908411653018807950D82FBAD947562F0828A0B10B8B9606ABF3BCD")
        let keys = try SecureChannelStaticKeys(
            .scp03, master: master.span, .counter, keyData: bytes("D9B1DE5D0362DEDCE4FB"))
        #expect(
            keys.encryption.unprotectedCopy().hexadecimal
                == "9AAC5D0B3601F89438A0D9D0B6B256CFB47E6462DFA5228D3420C4AC7C224781")
    }

    private func session02() throws -> SecureChannelSessionKeys {
        let keys = try SecureChannelStaticKeys(.scp02, master: Self.master.span, .none, keyData: Self.keyData)
        return try SecureChannelSessionKeys(
            try #require(SecureChannelProtocol(.scp02, parameter: 0x15)), keys,
            SecureChannelContext(
                hostChallenge: [UInt8](repeating: 0, count: 8), cardChallenge: [UInt8](repeating: 0, count: 6),
                sequenceCounter: [0, 0]))
    }

    @Test func sessionKeysOfSCP02HaveThePublishedCheckValues() throws {
        let session = try session02()
        #expect(try check(.tripleDES, session.encryption) == "F2DCDD")
        #expect(try check(.tripleDES, session.commandMAC) == "5FCC69")
        #expect(try check(.tripleDES, session.dataEncryption) == "85272E")
        #expect(try check(.tripleDES, session.responseMAC) == "9F749A")
    }

    @Test func aKeyUnderTheSessionKeyOfSCP02IsThePublishedCipherText() throws {
        let session = try session02()
        let enciphered = try session.encipherSensitive(Self.master.span)
        #expect(enciphered.hexadecimal == "EFBEE6C6D99D7B70BDE9D7E927F020AF")
        #expect(try session.decipherSensitive(enciphered) == Self.master)
    }

    @Test func aKeyUnderTheStaticKeyOfSCP03IsThePublishedCipherText() throws {
        let keys = try SecureChannelStaticKeys(.scp03, master: Self.master.span, .none, keyData: Self.keyData)
        let session = try SecureChannelSessionKeys(
            try #require(SecureChannelProtocol(.scp03, parameter: 0x60)), keys,
            SecureChannelContext(
                hostChallenge: [UInt8](repeating: 0, count: 8), cardChallenge: [UInt8](repeating: 0, count: 8),
                sequenceCounter: []))
        let enciphered = try session.encipherSensitive(Self.master.span)
        #expect(enciphered.hexadecimal == "80D2A5B08FA0EE51143B459E638106DF")
        #expect(try session.decipherSensitive(enciphered) == Self.master)
    }

    /// openjavacard-tools wraps under the test key itself, so the MACs are those of a chain under it.
    @Test func theFirstMACOfSCP03IsThePublishedOne() throws {
        let message = [UInt8](repeating: 0, count: 16) + [0x14, 0x20, 0x00, 0x30, 0x0D, 1, 2, 3, 4, 5]
        let mac = try BlockCipherMAC.cmac(.aes128, key: Self.master.span, message)
        #expect(mac.prefix(8).hexadecimal == "6CBA3161D0E5F44E")
    }

    @Test func theFirstMACOfSCP02IsThePublishedOne() throws {
        let mac = try SecureChannelSessionKeys.scp02MAC(
            Self.master.span, [0x14, 0x20, 0x00, 0x30, 0x0D, 1, 2, 3, 4, 5],
            initialValue: [UInt8](repeating: 0, count: 8))
        #expect(mac.hexadecimal == "FB4034E025786AB1")
    }

    @Test func aRuleForTheOtherCipherAndKeysOfOtherLengthsAreRefused() {
        #expect(throws: CryptographyError.self) {
            _ = try SecureChannelStaticKeys(.scp03, master: Self.master.span, .emv, keyData: Self.keyData)
        }
        #expect(throws: CryptographyError.self) {
            _ = try SecureChannelStaticKeys(.scp02, master: Self.master.span, .counter, keyData: Self.keyData)
        }
        #expect(throws: CryptographyError.wrongLength("key", 15)) {
            _ = try SecureChannelStaticKeys(
                .scp03, master: Array(Self.master.prefix(15)).span, .none, keyData: Self.keyData)
        }
        #expect(throws: CryptographyError.wrongLength("key diversification data", 9)) {
            _ = try SecureChannelStaticKeys(
                .scp02, master: Self.master.span, .emv, keyData: Array(Self.keyData.prefix(9)))
        }
    }

    @Test func onlyTheImplementationsThatAreSpokenExist() {
        let spoken02 = (UInt8.min...UInt8.max).filter { SecureChannelProtocol(.scp02, parameter: $0) != nil }
        #expect(spoken02 == [0x15, 0x55])
        let spoken03 = (UInt8.min...UInt8.max).filter { SecureChannelProtocol(.scp03, parameter: $0) != nil }
        #expect(
            spoken03 == [0x00, 0x01, 0x10, 0x11, 0x20, 0x21, 0x30, 0x31, 0x60, 0x61, 0x70, 0x71])
    }

    @Test func aLevelThatTheProtocolDoesNotKnowIsNotAllowed() throws {
        func levels(_ version: SecureChannelProtocol.Version, _ parameter: UInt8) throws -> [UInt8] {
            let spoken = try #require(SecureChannelProtocol(version, parameter: parameter))
            return SecureChannelLevel.allCases.filter(spoken.allows).map(\.rawValue)
        }
        #expect(try levels(.scp02, 0x55) == [0x00, 0x01, 0x03])
        #expect(try levels(.scp03, 0x10) == [0x00, 0x01, 0x03])
        #expect(try levels(.scp03, 0x20) == [0x00, 0x01, 0x03, 0x11, 0x13])
        #expect(try levels(.scp03, 0x70) == [0x00, 0x01, 0x03, 0x11, 0x13, 0x33])
    }
}
