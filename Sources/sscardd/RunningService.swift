import Foundation
import Glibc

/// A counter service that runs over a data folder, asked how it is by whoever may not open the folder beside it.
struct RunningService: Decodable {
    /// `up`.
    let status: String
    /// The newest event's place in its log.
    let head: String
    /// `open` or `none`.
    let keys: String

    /// How long an answer is waited for, in milliseconds.
    private static let patience: CInt = 5000

    private static func file(_ dataFolder: String) -> String { dataFolder + "/operators/address" }

    /// Notes where the service listens, for as long as it runs.
    static func note(port: Int, in dataFolder: String) {
        let path = file(dataFolder)
        try? Data("\(port)\n".utf8).write(to: URL(filePath: path), options: .atomic)
    }

    /// Takes the note away.
    static func forget(in dataFolder: String) { try? FileManager.default.removeItem(atPath: file(dataFolder)) }

    /// The service over a data folder; nil when none answers.
    ///
    /// It blocks, five seconds at most.
    static func find(in dataFolder: String) -> RunningService? {
        guard let text = try? String(contentsOfFile: file(dataFolder), encoding: .utf8),
            let port = UInt16(text.trimmingCharacters(in: .whitespacesAndNewlines)), let answer = ask(port),
            let start = answer.firstIndex(of: "{")
        else { return nil }
        return try? JSONDecoder().decode(RunningService.self, from: Data(answer[start...].utf8))
    }

    /// `GET /health` at a port of this machine.
    private static func ask(_ port: UInt16) -> String? {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        let isConnected = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
            }
        }
        let request = Array("GET /health HTTP/1.1\r\nHost: 127.0.0.1:\(port)\r\nConnection: close\r\n\r\n".utf8)
        let count = request.withUnsafeBytes { send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
        guard isConnected, count == request.count else { return nil }
        var answer: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 4096)
        var waited = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        while answer.count < 65_536, poll(&waited, 1, patience) == 1,
            case let count = recv(descriptor, &buffer, buffer.count, 0), count > 0
        {
            answer += buffer[..<count]
        }
        return String(validating: answer, as: UTF8.self)
    }
}
