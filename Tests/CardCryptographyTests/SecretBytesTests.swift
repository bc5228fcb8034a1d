import CardCryptography
import Testing

@Suite struct SecretBytesTests {
    private struct Refused: Error {}

    @Test func `bytes are filled in place and lent`() {
        let secret = SecretBytes.filling(count: 4) { span in span[2] = 9 }
        let copy = secret.unprotectedCopy()
        let lent = secret.withUnsafeBytes { Array($0) }
        #expect(copy == [0, 0, 9, 0])
        #expect(lent == [0, 0, 9, 0])
    }

    @Test func `an error while filling comes out`() {
        #expect(throws: Refused.self) { _ = try SecretBytes.filling(count: 4) { _ in throw Refused() } }
    }

    @Test func `secrets are compared whole`() {
        func isEqual(_ left: [UInt8], _ right: [UInt8]) -> Bool {
            SecretBytes(copying: left).isEqual(to: SecretBytes(copying: right))
        }
        #expect(isEqual([1, 2, 3], [1, 2, 3]))
        #expect(!isEqual([1, 2, 3], [1, 2, 4]))
        #expect(!isEqual([1, 2, 3], [1, 2]))
        #expect(isEqual([], []))
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
        let count = try SecureRandom.secret(24).count
        #expect(count == 24)
    }
}
