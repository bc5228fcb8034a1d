public import CardCryptography
public import CardData
public import Foundation
import Glibc

/// A counter service that runs over a data folder, asked by whoever has the folder: over a socket in it (`DATA/operators/service.socket`)
/// with one HTTP/1.1 request a connection.
///
/// Calls block.
public struct RunningCounter: Decodable, Sendable {
    /// The socket's name in `DATA/operators`.
    public static let socketName = "service.socket"
    /// The path of ``backUp(_:to:sealedUnder:)``.
    public static let backupPath = "/registry/backup"

    /// `up`, or `degraded` where something stands in the way of its work.
    public let status: String
    /// The newest event's place in its log.
    public let head: String
    /// `open`, `closed` where their log takes no more uses, or `none`.
    public let keys: String
    /// `good`, or `back` behind what the log has; nil where an older service does not tell.
    public let clock: String?
    /// `good` once every page of its file was looked at since its start, else `checking`; nil where an older service does not tell.
    public let pages: String?
    /// What its last nightly verification found, `good` or `bad`, else how that stands; nil where an older service does not tell.
    public let verification: String?

    /// What is asked for a backup.
    public struct BackupOrder: Codable, Sendable {
        /// The folder to be made, a whole path.
        public let to: String
        /// What the keys are sealed under.
        public let passphrase: Data
    }

    /// What a service tells of work that it did not do.
    public struct Refusal: Codable, Sendable {
        private let faults: [ToldFault]

        /// The faults of an error.
        public init(_ faults: [Fault]) { self.faults = faults.map(ToldFault.init) }

        var error: Faults {
            Faults(faults.map(\.fault)) ?? Faults("counter.unexpected", ["error": RunningCounter.socketName])
        }
    }

    /// How long a sign of life is waited for, in milliseconds.
    private static let patience: CInt = 5000
    /// Work is waited for until the service ends.
    static let untilItEnds: CInt = -1
    /// No answer of ours is longer, in bytes.
    private static let limit = 16 << 20

    /// The service over a data folder; nil when none answers within five seconds.
    public static func find(in dataFolder: String) -> RunningCounter? {
        guard let answer = ask("GET", "/health", "", in: dataFolder, patience) else { return nil }
        return try? JSONDecoder().decode(RunningCounter.self, from: Data(answer.text.utf8))
    }

    /// Lets the service over a data folder write a backup, as `Registry.backUp`, while it goes on serving.
    ///
    /// - Parameters:
    ///   - path: the folder to be made, which the service has to be able to write.
    ///   - passphrase: what the keys are sealed under; it travels by the socket alone.
    /// - Throws: what the service says stands against it, or `backup.service-ended` when it broke off.
    public static func backUp(
        _ dataFolder: String, to path: String, sealedUnder passphrase: borrowing SecretBytes
    ) throws(Faults) {
        let order = BackupOrder(to: path, passphrase: passphrase.withUnsafeBytes { Data($0) })
        guard let body = try? JSONEncoder().encode(order),
            let answer = ask("POST", backupPath, String(decoding: body, as: UTF8.self), in: dataFolder, untilItEnds)
        else { throw Faults("backup.service-ended", ["path": path]) }
        guard answer.isDone else {
            guard let refusal = try? JSONDecoder().decode(Refusal.self, from: Data(answer.text.utf8)) else {
                throw Faults("backup.service-ended", ["path": path])
            }
            throw refusal.error
        }
    }

    /// The answer to one request; nil when no service answers to its end.
    ///
    /// - Parameter file: what follows the body's text, piece after piece.
    static func ask(
        _ method: String, _ path: String, _ body: String, file: FileHandle? = nil, in dataFolder: String,
        _ patience: CInt
    ) -> (isDone: Bool, text: String)? {
        let folder = open(dataFolder + "/operators", O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        defer {
            close(folder)
            close(descriptor)
        }
        guard folder >= 0, descriptor >= 0, connect(descriptor, to: "/proc/self/fd/\(folder)/\(socketName)") else {
            return nil
        }
        let fileLength = (try? file?.seekToEnd()) ?? 0
        let length = UInt64(body.utf8.count) + fileLength
        let head = [
            "\(method) \(path) HTTP/1.1", "Host: localhost", "Connection: close", "Content-Length: \(length)",
        ]
        guard send(Array((head.joined(separator: "\r\n") + "\r\n\r\n" + body).utf8), to: descriptor) else { return nil }
        if let file {
            guard (try? file.seek(toOffset: 0)) != nil else { return nil }
            while let piece = try? file.read(upToCount: pieceLength), !piece.isEmpty {
                // A service that has heard enough answers and closes; what it says is read all the same.
                guard send(Array(piece), to: descriptor) else { break }
            }
        }
        var answer: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: pieceLength)
        var waited = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        while answer.count < limit, poll(&waited, 1, patience) == 1,
            case let count = recv(descriptor, &buffer, buffer.count, 0), count > 0
        {
            answer += buffer[..<count]
        }
        guard let text = String(validating: answer, as: UTF8.self), let end = text.range(of: "\r\n\r\n") else {
            return nil
        }
        return (text.hasPrefix("HTTP/1.1 2"), String(text[end.upperBound...]))
    }

    private static let pieceLength = 1 << 16

    /// Sends all of it; false when the other side hears no more.
    private static func send(_ bytes: [UInt8], to descriptor: CInt) -> Bool {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
            guard count > 0 else { return false }
            rest = rest.dropFirst(count)
        }
        return true
    }

    private static func connect(_ descriptor: CInt, to path: String) -> Bool {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        let bytes = Array(path.utf8)
        guard bytes.count < MemoryLayout.size(ofValue: address.sun_path) else { return false }
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: bytes) }
        return withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                Glibc.connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size)) == 0
            }
        }
    }
}
