import Foundation
import Glibc
import RemoteKeyService
import Testing

/// The gateway of these tests: another program, in another language, over another TLS library's interface.
final class GatewayProgram {
    private let process = Process()
    private let plans = Pipe()
    private let said = Pipe()
    private var unread = Data()
    let port: UInt16

    /// Starts it with the certificate of a holder.
    init(_ papers: GatewayPapers, as holder: String = "gateway") throws {
        process.executableURL = URL(filePath: "/usr/bin/python3")
        let program = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Gateway/gateway.py")
        process.arguments = [
            "-u", program.path(percentEncoded: false), papers.path("centre.pem"),
            papers.path(holder + ".pem"),
            papers.path(holder + ".key"),
        ]
        process.standardInput = plans
        process.standardOutput = said
        try process.run()
        var line = ""
        while let byte = try said.fileHandleForReading.read(upToCount: 1), byte != Data([0x0A]) {
            line += String(decoding: byte, as: UTF8.self)
        }
        port = try #require(line.split(separator: " ").last.flatMap { UInt16($0) }, "the gateway did not start")
    }

    /// What it does with the next connection.
    func plan(_ plan: String) throws {
        try plans.fileHandleForWriting.write(contentsOf: Data((plan + "\n").utf8))
    }

    /// What happened in the next connection that it has not told yet, up to its end.
    func told() throws -> [String] {
        var lines: [String] = []
        while lines.last != "closed" { lines.append(try nextLine()) }
        return lines.dropLast()
    }

    private func nextLine() throws -> String {
        while true {
            if let end = unread.firstIndex(of: 0x0A) {
                defer { unread = Data(unread[(end + 1)...]) }
                return String(decoding: unread[..<end], as: UTF8.self)
            }
            let piece = said.fileHandleForReading.availableData
            try #require(!piece.isEmpty, "the gateway has ended")
            unread.append(piece)
        }
    }

    func settings(_ papers: GatewayPapers, name: String = GatewayPapers.name, timeLimit: Int = 5000) -> GatewaySettings
    {
        GatewaySettings(
            host: "127.0.0.1", port: port, name: name, authorities: papers.path("centre.pem"),
            certificate: papers.path("counter.pem"), privateKey: papers.path("counter.key"),
            timeLimitMilliseconds: timeLimit)
    }

    /// Ends it; its port is nobody's then.
    func end() {
        try? plans.fileHandleForWriting.close()
        process.waitUntilExit()
    }

    deinit { end() }
}
