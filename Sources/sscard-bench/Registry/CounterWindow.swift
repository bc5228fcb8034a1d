import Foundation

/// The counter service over a large registry: its start, its first page for somebody who is logged in, and its memory.
struct CounterWindow {
    private static let password = "benchmark battery staple"
    private static let pages = 200

    private let service: String
    private let data: String
    private let folder: String

    init(service: String, data: String, _ surroundings: Surroundings) throws {
        self.service = service
        self.data = data
        folder = try surroundings.emptyFolder("counter-window")
    }

    func measure() throws -> [Figure] {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let configuration = folder + "/counter.yaml"
        let data = URL(filePath: self.data).standardizedFileURL.path
        try "office: 试验网点\ncounter: 1\ndata: \(data)\nlisten: 127.0.0.1:0\nown-passwords: false\n"
            .write(toFile: configuration, atomically: true, encoding: .utf8)
        try addOperator(configuration)
        let process = ChildProgram(path: service).start(["counter", "--config", configuration])
        let pipe = Pipe()
        process.standardOutput = pipe
        process.standardError = FileHandle.nullDevice
        let watch = Stopwatch()
        try process.run()
        defer {
            process.terminate()
            process.waitUntilExit()
        }
        let said = try line(of: pipe.fileHandleForReading)
        guard let port = said.split(separator: ":").last.flatMap({ UInt16($0.filter(\.isNumber)) }) else {
            throw BenchError.output(service, said)
        }
        let login = try WindowRequest(port: port).get("/login")
        let start = watch.microseconds
        guard login.status == 200 else { throw BenchError.output(service, login.head) }
        let times = try firstPages(port)
        return [
            Figure(
                name: "the service's start on it to its first page", told: "\((start / 1000).fixed(0)) ms",
                aim: "≤ 1,000 ms"),
            Figure("the service's first page, logged in", times, mostMilliseconds: 50),
            Figure(
                name: "memory of the service at its most",
                told: "\(try RegistryOpening.peakMemory(of: process.processIdentifier) >> 10) MiB", aim: "≤ 200 MB"),
        ]
    }

    private func firstPages(_ port: UInt16) throws -> [Double] {
        let login = try WindowRequest(port: port).post(
            "/login", ["number": "1001", "password": Self.password])
        guard login.status == 303, let cookie = login.cookie else { throw BenchError.output(service, login.head) }
        return try (0..<Self.pages).map { _ in
            let watch = Stopwatch()
            let page = try WindowRequest(port: port).get("/", cookie: cookie)
            guard page.status == 200 else { throw BenchError.output(service, page.head) }
            return watch.microseconds
        }
    }

    /// The password goes by standard input.
    private func addOperator(_ configuration: String) throws {
        let process = ChildProgram(path: service).start([
            "operator", "add", "--number", "1001", "--name", "张一", "--role", "teller", "--config", configuration,
            "--password", "fd:0",
        ])
        let pipe = Pipe()
        process.standardInput = pipe
        try process.run()
        pipe.fileHandleForWriting.write(Data((Self.password + "\n").utf8))
        try pipe.fileHandleForWriting.close()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else { throw BenchError.program(service, process.terminationStatus) }
    }

    private func line(of handle: FileHandle) throws -> String {
        var line = Data()
        while let byte = try handle.read(upToCount: 1), !byte.isEmpty, byte.first != 0x0A { line += byte }
        return String(decoding: line, as: UTF8.self)
    }
}
