import CardCryptography
import CardData
import Foundation
import Glibc
import Hummingbird
import IssuerKeys
import Issuing
import Lifecycle
import Logging
import Registry
import Synchronization

@testable import CounterService

/// A counter service on a port that the system chose, over a folder of its own, with a steady clock that the test moves.
final class Window: Sendable {
    static let password = "柜面 battery teller staple"
    /// The files of the tree, read once for all tests: a library only reads.
    private static let library = Result { try CardLibrary(home: root.path) }
    static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()

    let folder: String
    private let steady = Mutex<UInt64>(1_000_000)
    private let wall = Mutex<UInt64>(1_790_000_000_000)

    private let demandsOwnPasswords: Bool
    private let lines = KeptLines()

    /// - Parameter demandsOwnPasswords: whether the operators have to change the passwords that they are given here.
    init(demandsOwnPasswords: Bool = false) {
        self.demandsOwnPasswords = demandsOwnPasswords
        folder = FileManager.default.temporaryDirectory.appending(path: "counter-\(UUID().uuidString)").path
    }

    deinit { try? FileManager.default.removeItem(atPath: folder) }

    /// The wall's clock goes on; the steady one does not.
    func passWallHours(_ hours: UInt64) { wall.withLock { $0 += hours * 3_600_000 } }

    /// The wall's clock is set back.
    func setWallBack(hours: UInt64) { wall.withLock { $0 -= hours * 3_600_000 } }

    /// What the service has logged so far, a line each.
    var logged: [String] { lines.kept.withLock { $0 } }

    func passMinutes(_ minutes: UInt64) { steady.withLock { $0 += minutes * 60_000 } }

    /// Gives the operator another password, as the tool does while the service runs.
    func setPassword(_ text: String) throws {
        let register = OperatorRegister(dataFolder: folder, cost: KeyDerivation.ScryptCost(cost: 2))
        try register.setPassword(of: 1001, SecretBytes(copying: Array(text.utf8)))
    }

    /// Adds an operator, with the password that all of them have here.
    func add(_ number: UInt64, _ name: String, _ roles: OperatorRole...) throws {
        try OperatorRegister(dataFolder: folder, cost: KeyDerivation.ScryptCost(cost: 2)).add(
            Operator(number: number, name: name, roles: Set(roles)),
            password: SecretBytes(copying: Array(Self.password.utf8)))
    }

    /// `METHOD /path/{parameter}` of every route of the service.
    func routes() async throws -> [String] {
        try await service().web.router().routes.map { route in
            let parts = "\(route.path)".split(separator: "/")
            let path = parts.map { $0.hasPrefix(":") ? "{\($0.dropFirst())}" : String($0) }
            return "\(route.method) /\(path.joined(separator: "/"))"
        }
    }

    private func service(
        site: String? = nil, withKeys: Bool = false, prepare: (Registry) throws -> Void = { _ in }
    ) async throws -> CounterService {
        let policy = try site.map { text throws(Faults) in
            try LifecyclePolicy.parse(site: "version: test-1\n" + text, file: "policy.yaml")
        }
        let registry = try Registry.open(at: folder, counter: 7, policy: policy ?? .load()) { [self] in
            wall.withLock {
                $0 += 1000
                return $0
            }
        }
        try prepare(registry)
        let operators = OperatorRegister(dataFolder: folder, cost: KeyDerivation.ScryptCost(cost: 2))
        // A second start over the same folder finds them.
        if try operators.operation(1001) == nil {
            try operators.add(
                Operator(number: 1001, name: "张一", roles: [.teller]),
                password: SecretBytes(copying: Array(Self.password.utf8)))
            try operators.add(
                Operator(number: 2001, name: "李二", roles: [.supervisor]),
                password: SecretBytes(copying: Array(Self.password.utf8)))
        }
        let library = try Self.library.get()
        let clocks = CounterClocks { [self] in
            wall.withLock { $0 }
        } steady: { [self] in
            steady.withLock { $0 }
        } wallError: {
            5
        }
        return try await CounterService(
            configuration: CounterConfiguration(
                office: "试验网点", counter: 7, dataFolder: folder, port: 0, demandsOwnPasswords: demandsOwnPasswords),
            registry: registry, operators: operators, library: library,
            keys: withKeys ? try developmentKeys() : nil, clocks: clocks,
            logger: Logger(label: "test") { [lines] _ in lines.handler })
    }

    /// The development keys, their log beside the registry.
    private func developmentKeys() throws -> KeyRoom {
        let room = KeyRoom()
        let place = KeyPlace(home: Self.root.path, papers: folder, mode: .development)
        try room.open(at: place) { hierarchy in
            let set = try place.keySet(
                in: Self.root.path + "/Keys/development",
                passphrase: SecretBytes(copying: Array(DevelopmentKeySet.passphrase.utf8)), hierarchy)
            return KeyBackEnd(service: try SoftwareKeyService(set, hierarchy: hierarchy), keySet: set)
        } log: {
            try KeyLog.open(in: folder + "/key-log", startingIfEmpty: true, lock: .development) { 1_790_000_000_000 }
        }
        return room
    }

    /// Runs the service for the time of `body`, which is given its port; `prepare` is given the registry before, and `site` is what its
    /// policy says beside its version.
    func open(
        site: String? = nil, withKeys: Bool = false, prepare: (Registry) throws -> Void = { _ in },
        _ body: @Sendable @escaping (UInt16) async throws -> Void
    ) async throws {
        let service = try await service(site: site, withKeys: withKeys, prepare: prepare)
        let (ports, told) = AsyncStream<Int>.makeStream()
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await service.run { told.yield($0) } }
            group.addTask {
                for await port in ports {
                    try await body(UInt16(port))
                    break
                }
            }
            // Whichever ends first ends the other: the test is over, or the service could not start.
            defer { group.cancelAll() }
            try await group.next()
        }
    }
}

/// The lines of a log, kept for whoever looks.
final class KeptLines: Sendable {
    let kept = Mutex<[String]>([])

    var handler: any LogHandler { Handler(lines: self) }

    private struct Handler: LogHandler {
        let lines: KeptLines
        var metadata = Logger.Metadata()
        var logLevel = Logger.Level.info

        init(lines: KeptLines) { self.lines = lines }

        subscript(metadataKey key: String) -> Logger.Metadata.Value? {
            get { metadata[key] }
            set { metadata[key] = newValue }
        }

        func log(event: LogEvent) {
            let told = (event.metadata ?? [:]).sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
            lines.kept.withLock { $0.append(([event.message.description] + told).joined(separator: " ")) }
        }
    }
}

/// An answer as it came over the wire.
struct WireAnswer {
    let status: Int
    let head: String
    let body: String

    /// A value of a header, by its name in any case.
    func header(_ name: String) -> String? {
        head.components(separatedBy: "\r\n").first { $0.lowercased().hasPrefix(name.lowercased() + ":") }
            .map { $0.drop { $0 != ":" }.dropFirst().trimmingCharacters(in: .whitespaces) }
    }
}

/// One request over a plain socket, on a thread of its own; the connection is closed after it.
///
/// - Parameter isEnough: whether what has come so far is all that is waited for; the whole answer where nothing is.
func ask(
    _ port: UInt16, _ method: String, _ path: String, headers: [String: String] = [:], body: String = "",
    until isEnough: @escaping @Sendable (String) -> Bool = { _ in false }
) async throws -> WireAnswer {
    var lines = ["\(method) \(path) HTTP/1.1", "Host: 127.0.0.1:\(port)", "Connection: close"]
    lines += headers.map { "\($0): \($1)" }
    if method == "POST" { lines.append("Content-Length: \(body.utf8.count)") }
    let text = lines.joined(separator: "\r\n") + "\r\n\r\n" + body
    return try await withCheckedThrowingContinuation { continuation in
        Thread.detachNewThread { continuation.resume(with: Result { try exchange(port, text, isEnough) }) }
    }
}

private func exchange(
    _ port: UInt16, _ text: String, _ isEnough: (String) -> Bool
) throws -> WireAnswer {
    let descriptor = try connected(port)
    defer { close(descriptor) }
    _ = Array(text.utf8).withUnsafeBytes { send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 65_536)
    while case let count = recv(descriptor, &buffer, buffer.count, 0), count > 0 {
        bytes += buffer[..<count]
        if isEnough(String(decoding: bytes, as: UTF8.self)) { break }
    }
    let whole = String(decoding: bytes, as: UTF8.self)
    let parts = whole.components(separatedBy: "\r\n\r\n")
    let status = parts[0].split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0
    return WireAnswer(status: status, head: parts[0], body: parts.dropFirst().joined(separator: "\r\n\r\n"))
}

private func connected(_ port: UInt16) throws -> Int32 {
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    guard descriptor >= 0 else { throw POSIXError(.EIO) }
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = port.bigEndian
    address.sin_addr.s_addr = inet_addr("127.0.0.1")
    let isConnected = withUnsafePointer(to: &address) { pointer in
        pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
            connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
        }
    }
    guard isConnected else {
        close(descriptor)
        throw POSIXError(.ECONNREFUSED)
    }
    return descriptor
}

/// The session's cookie of a log-in.
func logIn(_ port: UInt16, password: String = Window.password, as number: UInt64 = 1001) async throws -> String {
    let answer = try await ask(
        port, "POST", "/api/session", headers: ["Content-Type": "application/json"],
        body: "{\"number\": \(number), \"password\": \"\(password)\"}")
    let cookie = answer.header("Set-Cookie")?.split(separator: ";").first.map(String.init)
    return cookie ?? ""
}

/// A log-in as a browser has it: the cookie, and the token that its forms carry.
func formSession(_ port: UInt16, as number: UInt64 = 1001) async throws -> (cookie: String, token: String) {
    let cookie = try await logIn(port, as: number)
    let page = try await ask(port, "GET", "/", headers: ["Cookie": cookie]).body
    let token = page.firstMatch(of: /name="form-token" value="([0-9A-F]+)"/).map { String($0.1) }
    return (cookie, token ?? "")
}

/// Sends a form, as a browser does: a page that answers it is asked for at the address that it is sent on to.
func send(
    _ path: String, _ fields: [String: String], _ cookie: String, _ port: UInt16
) async throws -> WireAnswer {
    let body = fields.map { name, value in
        "\(name)=\(value.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? "")"
    }
    let answer = try await ask(
        port, "POST", path, headers: ["Cookie": cookie, "Content-Type": "application/x-www-form-urlencoded"],
        body: body.joined(separator: "&"))
    guard let place = answer.header("Location"), place.contains("?answer=") else { return answer }
    return try await ask(port, "GET", place, headers: ["Cookie": cookie])
}
