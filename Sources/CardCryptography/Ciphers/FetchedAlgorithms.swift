import COpenSSL

/// An algorithm object fetched from OpenSSL once and kept until the process ends; OpenSSL lets all threads share it.
///
/// Fetching at every use costs several times the encryption of a block.
struct FetchedAlgorithm: @unchecked Sendable {  // the object behind the pointer never changes
    private let pointer: OpaquePointer?
    private let name: String

    private init(_ name: String, _ pointer: OpaquePointer?) {
        self.name = name
        self.pointer = pointer
    }

    /// The object; throws when OpenSSL does not have it.
    var required: OpaquePointer {
        get throws(CryptographyError) {
            guard let pointer else { throw .notAvailable(name) }
            return pointer
        }
    }

    static let sm4 = cipher("SM4-ECB")
    static let sm4Counter = cipher("SM4-CTR")
    static let aes128 = cipher("AES-128-ECB")
    static let aes192 = cipher("AES-192-ECB")
    static let aes256 = cipher("AES-256-ECB")
    static let aes256GCM = cipher("AES-256-GCM")
    static let sm3 = FetchedAlgorithm("SM3", EVP_MD_fetch(nil, "SM3", nil))
    static let sha256 = FetchedAlgorithm("SHA256", EVP_MD_fetch(nil, "SHA256", nil))
    static let cmac = FetchedAlgorithm("CMAC", EVP_MAC_fetch(nil, "CMAC", nil))
    static let hmac = FetchedAlgorithm("HMAC", EVP_MAC_fetch(nil, "HMAC", nil))

    private static func cipher(_ name: String) -> FetchedAlgorithm {
        FetchedAlgorithm(name, EVP_CIPHER_fetch(nil, name, nil))
    }
}
