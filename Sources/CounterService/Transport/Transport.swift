import CardData
import HummingbirdTLS
import Logging
import NIOCore
import NIOSSL
import ServiceLifecycle
import Synchronization
import UnixSignals

/// What new connections are shown: certificate and key as they were read last, at the start or at SIGHUP.
///
/// What is there stays when its successor is not good; connections that are open keep theirs.
final class Transport: Service {
    private let security: TransportSecurity
    private let names: [String]
    private let clock: @Sendable () -> UInt64
    private let logger: Logger
    private let identity: Mutex<ServerIdentity>

    /// - Parameter clock: Unix time in milliseconds.
    /// - Throws: everything that is wrong with certificate and key, `transport`.
    init(
        _ security: TransportSecurity, names: [String], clock: @escaping @Sendable () -> UInt64, logger: Logger
    ) throws(Faults) {
        self.security = security
        self.names = names
        self.clock = clock
        self.logger = logger
        identity = Mutex(try ServerIdentity(security, names: names, at: Int64(clock() / 1000)))
    }

    /// What the server is set up with; it asks for the certificate anew at every greeting.
    var configuration: TLSConfiguration {
        let first = identity.withLock { $0 }
        var configuration = TLSConfiguration.makeServerConfiguration(
            certificateChain: first.certificates, privateKey: first.privateKey)
        configuration.minimumTLSVersion = security.leastVersion == .tls13 ? .tlsv13 : .tlsv12
        configuration.applicationProtocols = ["http/1.1"]
        configuration.sslContextCallback = { [self] _, promise in
            let now = identity.withLock { $0 }
            var override = NIOSSLContextConfigurationOverride()
            override.certificateChain = now.certificates
            override.privateKey = now.privateKey
            promise.succeed(override)
        }
        return configuration
    }

    /// Reads certificate and key anew at every SIGHUP, until the service ends.
    func run() async throws {
        for await _ in await UnixSignalsSequence(trapping: .sighup).cancelOnGracefulShutdown() { reload() }
    }

    private func reload() {
        do {
            let next = try ServerIdentity(security, names: names, at: Int64(clock() / 1000))
            identity.withLock { $0 = next }
            logger.notice("certificate read again", metadata: ["end": "\(next.shown.endDay)"])
        } catch {
            logger.error(
                "certificate kept",
                metadata: ["faults": "\(error.faults.map(\.code.rawValue).joined(separator: " "))"])
        }
    }
}
