import CardData
import HTTPTypes
import Hummingbird
import HummingbirdCore
import HummingbirdTLS
public import Issuing
import Lifecycle
public import Logging
import NIOCore
public import Registry
import ServiceLifecycle

/// 柜面服务: the windows of one counter, as pages for people and as JSON for programs, over the counter's registry.
///
/// Other machines reach it over TLS alone, its own or that of a terminator in front. It makes no rule: what is allowed the lifecycle
/// says, what was done the registry keeps.
public struct CounterService: Sendable {
    let web: CounterWeb
    private let transport: Transport?
    /// More than the windows, displays and programs of any office hold; the registry's files need descriptors too.
    private static let mostConnections = 1024
    /// How long a connection may say nothing while no answer of ours is under way: whoever only holds it holds another's place.
    private static let silence: TimeAmount = .seconds(15)
    /// No header of a browser's is longer, in bytes: nothing reads one before it is known whose it is.
    private static let longestHeaders = 16 * 1024

    /// A service over an open registry, whose only user it is.
    ///
    /// - Parameters:
    ///   - configuration: the site's file.
    ///   - registry: the counter's registry.
    ///   - operators: who may log in.
    ///   - library: the layouts of the cards that come to the readers, and the area codes.
    ///   - keys: the site's keys, opened; nil for a window that does nothing with them.
    ///   - clocks: the two clocks.
    ///   - logger: where a line for each request goes.
    ///   - box: the virtual cards of a counter for practice.
    /// - Throws: faults of the pages' own files, of the folders for slips and journals, and of certificate and key.
    public init(
        configuration: CounterConfiguration, registry: Registry, operators: OperatorRegister, library: CardLibrary,
        keys: KeyRoom? = nil, clocks: CounterClocks, logger: Logger, box: CardBox? = nil
    ) async throws {
        transport = try configuration.transport.map { security throws(Faults) in
            try Transport(security, names: configuration.calledNames, clock: clocks.wall, logger: logger)
        }
        let room = try CardRoom(
            library: library, registry: registry, keys: keys, dataFolder: configuration.dataFolder,
            isTraining: configuration.isTraining, clocks: clocks)
        let threads = RegistryThreads()
        let folder = configuration.dataFolder
        let mayHaveCost: @Sendable (any Error) -> Bool = { ($0 as? PINDeskError)?.mayHaveCost == true }
        let head = try registry.deskNumbers(of: 0).head
        let changes = ChangeBoard(from: head, logger: logger) { try registry.changes(after: $0) }
        let desk = CounterDesk(
            registry: registry, operators: operators, threads: threads,
            passwordLine: PasswordLine(),
            demandsOwnPasswords: configuration.demandsOwnPasswords && !configuration.isTraining,
            guardian: LoginGuard(
                tries: configuration.loginTries, waitSeconds: configuration.loginWaitSeconds, clock: clocks.steady),
            ledger: OnceLedger(
                journal: try OnceJournal(dataFolder: folder, name: "acts"), threads: threads, keeping: mayHaveCost),
            registrations: OnceLedger(
                journal: try OnceJournal(dataFolder: folder, name: "persons"), threads: threads),
            issues: OnceLedger(
                journal: try OnceJournal(dataFolder: folder, name: "issues"), threads: threads, keeping: mayHaveCost),
            slips: try SlipLedger(dataFolder: configuration.dataFolder),
            terms: try PolicyTerms(
                dataFolder: configuration.dataFolder, policy: registry.policy,
                next: head + 1),
            waiting: try WaitingActs(dataFolder: folder, sealingKey: room.sealingKey),
            spool: try IntakeSpool(dataFolder: folder),
            intakes: Intakes(
                desk: {
                    IntakeDesk(
                        registry: registry, library: library, today: try CardDate(atMilliseconds: clocks.wall()))
                }, head: { try registry.deskNumbers(of: 0).head }, confirmedWithin: registry.policy.intakeMinutes,
                clock: clocks.steady, logger: logger, whenTaken: changes.ring),
            holdsOver: HoldsOver(),
            night: NightlyVerification(at: configuration.verifiesAt, clocks: clocks, logger: logger) {
                registry.verificationBeside()
            }, changes: changes,
            queue: QueueBook(dataFolder: configuration.dataFolder, clock: clocks.wall),
            queueSteps: OnceLedger(
                journal: try OnceJournal(dataFolder: folder, name: "queue"), threads: threads),
            metrics: CounterMetrics(), areas: library.areas,
            ethnicGroups: try library.tables.table(named: "ethnic-groups"), clocks: clocks, logger: logger)
        web = CounterWeb(
            desk: desk, sessions: SessionTable(idleMinutes: configuration.idleMinutes, clock: clocks.steady),
            pages: try PageRenderer(
                office: configuration.office, isTraining: configuration.isTraining),
            board: ReaderBoard(), box: configuration.isTraining ? box : nil,
            room: room, configuration: configuration, logger: logger,
            diskWatch: DiskWatch(folder: folder, clock: clocks.steady))
        // What a full disk or the end of the program left unbooked of a PIN service stands in the log before the first window opens.
        for fault in PINJournal(folder: configuration.dataFolder + "/journal").settle(in: registry) {
            logger.error("pin journal", metadata: ["code": "\(fault.code.rawValue)"])
        }
    }

    /// Serves until SIGTERM or SIGINT, or until the task is cancelled; requests in hand and cards that
    /// are being made are finished first.
    ///
    /// - Parameter listening: called with the port when the first request can come.
    public func run(whenListening listening: @escaping @Sendable (Int) async -> Void) async throws {
        let configuration = web.configuration
        var application = Application(
            router: try web.router(), server: try server(),
            configuration: ApplicationConfiguration(
                address: .hostname(configuration.host, port: configuration.port),
                availableConnectionsDelegate: MaximumAvailableConnections(Self.mostConnections, logger: web.logger)),
            onServerRunning: { channel in await listening(channel.localAddress?.port ?? 0) }, logger: web.logger)
        // Beside all that is served: no window waits for it after a clean end.
        web.desk.registry.checkPages()
        let endings = DayEndings(
            registry: web.desk.registry, threads: web.desk.threads, clocks: web.desk.clocks,
            holds: web.desk.holdsOver, changes: web.desk.changes, logger: web.logger)
        application.addServices(
            endings, web.desk.night, web.board, web.desk.changes, web.desk.queue,
            PageFaultEnd(registry: web.desk.registry), IssueRunsEnd(runs: web.room.runs))
        let socket = try ServiceSocket(
            dataFolder: configuration.dataFolder, router: web.socketRouter(), logger: web.logger)
        application.addServices(socket)
        if let transport { application.addServices(transport) }
        try await application.runService()
    }

    private func server() throws(Faults) -> HTTPServerBuilder {
        let plain = HTTPServerBuilder.http1(
            configuration: HTTP1Channel.Configuration(
                additionalChannelHandlers: [BodyPace()], idleTimeout: Self.silence,
                httpDecoderConfiguration: HTTP1Channel.Configuration.DecoderConfiguration(
                    maxHeaderFieldSize: Self.longestHeaders, maxHeaderListSize: 2 * Self.longestHeaders,
                    maxHeaderFieldCount: 100)))
        guard let transport else { return plain }
        do {
            return try .tls(plain, tlsConfiguration: transport.configuration)
        } catch {
            throw Faults("transport.refused", ["reason": "\(error)"])
        }
    }
}
