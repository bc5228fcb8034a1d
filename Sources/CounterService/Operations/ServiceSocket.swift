import CardData
import Glibc
import Hummingbird
import Issuing
import Logging
import ServiceLifecycle

/// What whoever has the data folder may ask a service that runs over it: by a socket in that folder (`RunningCounter`), never by the network.
final class ServiceSocket: Service {
    private let folder: CInt
    private let responder: RouterResponder<BasicRequestContext>
    private let logger: Logger

    /// - Parameters:
    ///   - dataFolder: the counter's data folder, which is for its owner alone.
    ///   - router: what may be asked.
    init(dataFolder: String, router: Router<BasicRequestContext>, logger: Logger) throws(Faults) {
        folder = open(dataFolder + "/operators", O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard folder >= 0 else { throw Faults("operator.file", ["file": dataFolder + "/operators"]) }
        responder = router.buildResponder()
        self.logger = logger
    }

    deinit { close(folder) }

    /// Answers until the service ends, and takes the socket away then.
    func run() async throws {
        // A socket's path holds 107 bytes, and data folders lie deeper than that.
        let path = "/proc/self/fd/\(folder)/\(RunningCounter.socketName)"
        defer { unlink(path) }
        let application = Application(
            responder: responder, configuration: ApplicationConfiguration(address: .unixDomainSocket(path: path)),
            logger: logger)
        try await application.run()
    }
}
