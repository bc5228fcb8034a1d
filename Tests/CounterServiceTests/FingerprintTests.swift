import Testing

@testable import CounterService

@Suite struct FingerprintTests {
    private let form = ["key": "k", "old-pin": "925814", "new-pin": "481952", "new-pin-again": "481952", "reader": "1"]

    private func fingerprint(_ changes: [String: String] = [:]) throws -> [UInt8] {
        try Fields(values: form.merging(changes) { $1 }).fingerprint
    }

    @Test func theSameWishHasTheSameFingerprint() throws {
        let first = try fingerprint()
        #expect(try fingerprint(["key": "another", "form-token": "t", "second-password": "s"]) == first)
    }

    @Test(arguments: ["old-pin", "new-pin", "new-pin-again", "reader"])
    func anotherPINIsAnotherWish(field: String) throws {
        let first = try fingerprint()
        #expect(try fingerprint([field: "777123"]) != first)
    }
}
