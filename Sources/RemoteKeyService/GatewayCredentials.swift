import CTLS
public import CardCryptography
import Glibc
public import IssuerKeys

/// Who this side is to the gateway, and whose certificates it trusts; opened once, for every conversation.
public final class GatewayCredentials: @unchecked Sendable {  // nobody changes the settings once they are made
    let settings: OpaquePointer

    /// Opens certificates and private key, all PEM.
    ///
    /// - Parameters:
    ///   - authorities: the file with the certificates of those who may issue the gateway's.
    ///   - certificate: the file with the own certificate, and what leads up from it.
    ///   - privateKey: the file with its key, which only its owner can read.
    ///   - passphrase: what opens the key; empty for one that is not sealed.
    /// - Throws: `gateway` with `credentials`.
    public init(
        authorities: String, certificate: String, privateKey: String, passphrase: borrowing SecretBytes
    ) throws(CardKeyError) {
        var status = stat()
        guard stat(privateKey, &status) == 0 else { throw .gateway(.credentials(.keyMissing, path: privateKey)) }
        guard status.st_mode & 0o077 == 0 else { throw .gateway(.credentials(.keyOpenToOthers, path: privateKey)) }
        var fault: Int32 = 0
        let settings = passphrase.withUnsafeBytes { phrase in
            card_tls_client(
                authorities, certificate, privateKey, phrase.bindMemory(to: UInt8.self).baseAddress, phrase.count,
                &fault)
        }
        guard let settings else {
            switch Int(fault) {
            case Int(CARD_TLS_AUTHORITIES): throw .gateway(.credentials(.authorities, path: authorities))
            case Int(CARD_TLS_CERTIFICATE): throw .gateway(.credentials(.certificate, path: certificate))
            case Int(CARD_TLS_KEY_OF_ANOTHER): throw .gateway(.credentials(.keyOfAnother, path: privateKey))
            case Int(CARD_TLS_PRIVATE_KEY): throw .gateway(.credentials(.privateKey, path: privateKey))
            default: throw .gateway(.unreachable("OpenSSL"))
            }
        }
        self.settings = settings
    }

    deinit { SSL_CTX_free(settings) }
}

extension GatewayCredentials: CustomStringConvertible, CustomReflectable {
    /// `GatewayCredentials` and nothing of them.
    public var description: String { "GatewayCredentials" }
    /// Nothing to see for `dump` and debuggers.
    public var customMirror: Mirror { Mirror(self, children: []) }
}
