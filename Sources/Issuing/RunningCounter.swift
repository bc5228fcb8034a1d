import Foundation
import Glibc

/// A counter service that runs over a data folder, asked by whoever has the folder: over a socket in it (`DATA/operators/service.socket`)
/// with one HTTP/1.1 request a connection.
///
/// Calls block.
public struct RunningCounter: Decodable, Sendable {
    /// The socket's name in `DATA/operators`.
    public static let socketName = "service.socket"

    /// `up`.
    public let status: String
    /// The newest event's place in its log.
    public let head: String
    /// `open` or `none`.
    public let keys: String

    /// How long a sign of life is waited for, in milliseconds.
    private static let patience: CInt = 5000
    /// No answer of ours is longer, in bytes.
    private static let limit = 1 << 20

    /// The service over a data folder; nil when none answers within five seconds.
    public static func find(in dataFolder: String) -> RunningCounter? {
        guard let answer = ask("GET /health", in: dataFolder, patience: patience) else { return nil }
        return try? JSONDecoder().decode(RunningCounter.self, from: Data(answer.utf8))
    }

    /// The body of the answer to one request; nil when no service answers.
    private static func ask(_ what: String, in dataFolder: String, patience: CInt) -> String? {
        let folder = open(dataFolder + "/operators", O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        defer {
            close(folder)
            close(descriptor)
        }
        guard folder >= 0, descriptor >= 0, connect(descriptor, to: "/proc/self/fd/\(folder)/\(socketName)") else {
            return nil
        }
        let request = Array("\(what) HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n".utf8)
        let count = request.withUnsafeBytes { send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
        guard count == request.count else { return nil }
        var answer: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 4096)
        var waited = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        while answer.count < limit, poll(&waited, 1, patience) == 1,
            case let count = recv(descriptor, &buffer, buffer.count, 0), count > 0
        {
            answer += buffer[..<count]
        }
        guard let text = String(validating: answer, as: UTF8.self), let end = text.range(of: "\r\n\r\n") else {
            return nil
        }
        return String(text[end.upperBound...])
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
