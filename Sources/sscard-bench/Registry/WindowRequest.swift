import Foundation
import Glibc

/// One request to a service on this machine, over a connection of its own.
struct WindowRequest {
    struct Answer {
        let status: Int
        let head: String

        /// The session's cookie that came with it.
        var cookie: String? {
            let line = head.split(separator: "\r\n").first { $0.lowercased().hasPrefix("set-cookie: ") }
            return line?.split(separator: ";").first.map { String($0.dropFirst("set-cookie: ".count)) }
        }
    }

    let port: UInt16

    func get(_ path: String, cookie: String? = nil) throws -> Answer {
        try exchange("GET \(path) HTTP/1.1\r\n", cookie.map { "Cookie: \($0)\r\n" } ?? "")
    }

    func post(_ path: String, _ fields: [String: String]) throws -> Answer {
        let body = fields.sorted { $0.key < $1.key }
            .map { "\($0.key)=\($0.value.replacingOccurrences(of: " ", with: "+"))" }.joined(separator: "&")
        return try exchange(
            "POST \(path) HTTP/1.1\r\n",
            "Content-Type: application/x-www-form-urlencoded\r\nContent-Length: \(body.utf8.count)\r\n", body)
    }

    private func exchange(_ line: String, _ headers: String, _ body: String = "") throws -> Answer {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        guard descriptor >= 0 else { throw failure }
        defer { close(descriptor) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        let isConnected = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
            }
        }
        guard isConnected else { throw failure }
        let request = Array("\(line)Host: 127.0.0.1:\(port)\r\nConnection: close\r\n\(headers)\r\n\(body)".utf8)
        guard write(descriptor, request, request.count) == request.count else { throw failure }
        var answer: [UInt8] = []
        var piece = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = read(descriptor, &piece, piece.count)
            guard count >= 0 else { throw failure }
            if count == 0 { break }
            answer += piece.prefix(count)
        }
        let text = String(decoding: answer, as: UTF8.self)
        let head = String(text.prefix { $0 != "<" })
        let words = head.split(separator: " ")
        guard words.count > 1, let status = Int(words[1]) else { throw BenchError.output("port \(port)", head) }
        return Answer(status: status, head: head)
    }

    private var failure: BenchError { .void("no connection to port \(port): \(String(cString: strerror(errno)))") }
}
