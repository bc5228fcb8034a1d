import CardCryptography
import CardData
import Foundation
import Glibc
import NIOSSL

/// Certificate and private key of the service, which belong together and are good at this moment.
struct ServerIdentity: Sendable {
    /// No key file of ours is longer.
    private static let limit = 65_536

    let shown: ShownCertificate
    let certificates: [NIOSSLCertificateSource]
    let privateKey: NIOSSLPrivateKeySource

    /// Reads both files.
    ///
    /// - Parameters:
    ///   - security: where they lie.
    ///   - names: the names and addresses that browsers call.
    ///   - now: the time, in seconds since 1970.
    /// - Throws: everything that is wrong with them, `transport`.
    init(_ security: TransportSecurity, names: [String], at now: Int64) throws(Faults) {
        var faults = FaultCollector()
        let shown = faults.attempt { () throws(Faults) in try ShownCertificate(file: security.certificateFile) }
        shown?.faults(names: names, at: now).forEach { faults.add($0) }
        let privateKey = faults.attempt { () throws(Faults) in
            try Self.privateKey(in: security.privateKeyFile, of: shown?.chain)
        }
        try faults.check()
        guard let shown, let privateKey,
            let bytes = FileManager.default.contents(atPath: security.certificateFile),
            let certificates = try? NIOSSLCertificate.fromPEMBytes(Array(bytes))
        else { throw Faults("transport.certificate-file", ["path": security.certificateFile]) }
        self.shown = shown
        self.certificates = certificates.map { .certificate($0) }
        self.privateKey = .privateKey(privateKey)
    }

    /// Reads a private key that only its owner can read, and that is the certificate's.
    private static func privateKey(in path: String, of chain: CertificateChain?) throws(Faults) -> NIOSSLPrivateKey {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { throw Faults("transport.key-missing", ["path": path]) }
        defer { close(descriptor) }
        // Where the whole module is compiled at once, the members of `stat` are hidden here: two modules of the system bring it.
        let target = URL(filePath: path).resolvingSymlinksInPath().path
        guard let attributes = try? FileManager.default.attributesOfItem(atPath: target),
            attributes[.type] as? FileAttributeType == .typeRegular, let mode = attributes[.posixPermissions] as? Int,
            lseek(descriptor, 0, SEEK_END) <= limit, lseek(descriptor, 0, SEEK_SET) == 0
        else { throw Faults("transport.key-file", ["path": path]) }
        guard mode & 0o077 == 0 else { throw Faults("transport.key-open", ["path": path]) }
        var bytes = [UInt8](repeating: 0, count: limit)
        defer { wipe(&bytes) }
        let count = read(descriptor, &bytes, limit)
        guard count > 0 else { throw Faults("transport.key-file", ["path": path]) }
        let secret = SecretBytes(copying: bytes.span.extracting(0..<count))
        do {
            guard try chain?.isFor(privateKey: secret) ?? true else {
                throw Faults("transport.key-of-another", ["path": path])
            }
            var text = secret.withUnsafeBytes { Array($0) }
            defer { wipe(&text) }
            return try NIOSSLPrivateKey(bytes: text, format: .pem)
        } catch let faults as Faults {
            throw faults
        } catch {
            throw Faults("transport.key-file", ["path": path])
        }
    }

    private static func wipe(_ bytes: inout [UInt8]) {
        bytes.withUnsafeMutableBytes { buffer in
            if let start = buffer.baseAddress { explicit_bzero(start, buffer.count) }
        }
    }
}
