import CardCryptography
import Testing

@Suite struct SecretBytesTests {
    private struct Refused: Error {}

    @Test func `bytes are filled in place and lent`() {
        let secret = SecretBytes.filling(count: 4) { span in span[2] = 9 }
        #expect(secret.unprotectedCopy() == [0, 0, 9, 0])
        #expect(secret.withUnsafeBytes { Array($0) } == [0, 0, 9, 0])
        #expect(secret.count == 4)
    }

    @Test func `an error while filling comes out`() {
        #expect(throws: Refused.self) { _ = try SecretBytes.filling(count: 4) { _ in throw Refused() } }
    }

    @Test func `secrets are compared whole`() {
        let secret = SecretBytes(copying: [1, 2, 3])
        #expect(secret.isEqual(to: SecretBytes(copying: [1, 2, 3])))
        #expect(!secret.isEqual(to: SecretBytes(copying: [1, 2, 4])))
        #expect(!secret.isEqual(to: SecretBytes(copying: [1, 2])))
        #expect(SecretBytes(copying: []).isEqual(to: SecretBytes(copying: [])))
    }

    @Test func `constant-time comparison tells equal from unequal`() {
        #expect(constantTimeEqual([1, 2], [1, 2]))
        #expect(!constantTimeEqual([1, 2], [1, 3]))
        #expect(!constantTimeEqual([1, 2], [1, 2, 0]))
        #expect(constantTimeEqual([], []))
    }

    @Test func `random bytes are as many as asked for and differ`() throws {
        #expect(try SecureRandom.bytes(0).isEmpty)
        #expect(try SecureRandom.bytes(16) != SecureRandom.bytes(16))
        #expect(try SecureRandom.secret(24).count == 24)
    }
}
