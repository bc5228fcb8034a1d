import Foundation

/// Another program, run to its end.
struct ChildProgram {
    let path: String

    /// Runs the program and gives what it printed; throws when it ends with anything but success.
    func output(_ arguments: String...) throws -> String { try output(arguments) }

    /// The same with a list of arguments.
    func output(_ arguments: [String]) throws -> String {
        let process = start(arguments)
        let pipe = Pipe()
        process.standardOutput = pipe
        try process.run()
        let data = try pipe.fileHandleForReading.readToEnd() ?? Data()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else { throw BenchError.program(path, process.terminationStatus) }
        return String(decoding: data, as: UTF8.self)
    }

    /// The program with its arguments, not yet running; what it prints is dropped, its complaints are shown.
    func start(_ arguments: [String]) -> Process {
        let process = Process()
        process.executableURL = URL(filePath: path)
        process.arguments = arguments
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = FileHandle.nullDevice
        return process
    }
}
