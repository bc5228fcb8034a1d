import Foundation
import Glibc
import Lifecycle
import Registry

/// A process that opens a large registry and works with it as a window does; this program runs itself for it.
struct RegistryOpening {
    private static let searches = 2000
    private static let nameSearches = 500
    private static let pages = 200

    /// The time that a program needs to its first answer.
    ///
    /// - Parameter before: what happened to the registry before.
    static func start(at data: String, persons: Int, after before: String) throws -> Figure {
        let opened = try run(at: data, persons: persons)
        guard let start = opened.first else { throw BenchError.output("registry-opening", "") }
        return Figure(name: "after " + before + start.name, told: start.told, aim: start.aim)
    }

    /// Runs the process, and gives its figures with the time until its first answer, which began when it was started.
    static func run(at data: String, persons: Int) throws -> [Figure] {
        let own = URL(filePath: "/proc/self/exe").resolvingSymlinksInPath().path
        let process = ChildProgram(path: own).start(
            ["registry-opening", "--data", data, "--persons", String(persons)])
        let pipe = Pipe()
        process.standardOutput = pipe
        let watch = Stopwatch()
        try process.run()
        let first = try pipe.fileHandleForReading.read(upToCount: 1)
        let start = watch.microseconds
        let rest = try pipe.fileHandleForReading.readToEnd() ?? Data()
        process.waitUntilExit()
        guard process.terminationStatus == 0, first != nil else {
            throw BenchError.program(own, process.terminationStatus)
        }
        let lines = String(decoding: rest, as: UTF8.self).split(separator: "\n").map { $0.split(separator: "|") }
        return [
            Figure(
                name: "a program's start on it to its first answer", told: "\((start / 1000).fixed(0)) ms",
                aim: "≤ 1,000 ms")
        ]
            + lines.filter { $0.count == 3 }.map {
                Figure(name: String($0[0]), told: String($0[1]), aim: String($0[2]))
            }
    }

    /// What that process does: the first page's numbers at once, then searches; its own memory last.
    static func work(at data: String, persons: Int) throws {
        let registry = try Registry.forBenchmarks(at: data)
        _ = try registry.deskNumbers(of: 1001)
        // The first answer.
        tell(".")
        let figures = [
            try byNumber(registry, persons), try byName(registry),
            try byNameOfNobody(registry),
            try figure("numbers of the first page", pages, mostMilliseconds: 50) { _ in
                _ = try registry.deskNumbers(of: 1001)
            },
            Figure(
                name: "memory of that program at its most", told: "\(try peakMemory(of: getpid()) >> 10) MiB",
                aim: "≤ 200 MB"),
        ]
        for figure in figures { tell("\(figure.name)|\(figure.told)|\(figure.aim)\n") }
    }

    /// The largest part of memory that a process has had, in KiB.
    static func peakMemory(of process: Int32) throws -> Int {
        let status = try String(contentsOfFile: "/proc/\(process)/status", encoding: .utf8)
        let line = status.split(separator: "\n").first { $0.hasPrefix("VmHWM:") }
        guard let words = line?.split(whereSeparator: \.isWhitespace), words.count > 1, let size = Int(words[1]) else {
            throw BenchError.output("/proc/\(process)/status", status)
        }
        return size
    }

    private static func tell(_ text: String) { FileHandle.standardOutput.write(Data(text.utf8)) }

    private static func figure(
        _ name: String, _ count: Int, mostMilliseconds: Double, _ body: (Int) throws -> Void
    ) throws -> Figure {
        var (times, processor): ([Double], [Double]) = ([], [])
        for turn in 0..<count {
            let watch = Stopwatch()
            try body(turn)
            times.append(watch.microseconds)
            processor.append(watch.processorSeconds * 1e6)
        }
        return Figure(name, times, processor: processor, mostMilliseconds: mostMilliseconds)
    }

    /// The person and the cards of a number.
    private static func byNumber(_ registry: Registry, _ persons: Int) throws -> Figure {
        let numbers = try (0..<searches).map { try InventedPeople.person($0 &* 7919 % max(persons, 1)).number }
        return try figure("search by number", searches, mostMilliseconds: 20) { turn in
            let reference = try registry.reference(of: numbers[turn])
            _ = try registry.knows(reference)
            _ = try registry.cards(of: reference)
        }
    }

    private static func byName(_ registry: Registry) throws -> Figure {
        try figure(
            "search by a name's first two or three characters, each look-up recorded", nameSearches,
            mostMilliseconds: 20
        ) { turn in
            try search(registry, String(InventedPeople.name(turn &* 6037).prefix(2 + turn % 2)))
        }
    }

    /// The dearest: every name of the bucket is opened.
    private static func byNameOfNobody(_ registry: Registry) throws -> Figure {
        try figure("the same for names that nobody has", nameSearches, mostMilliseconds: 20) { turn in
            try search(registry, String(InventedPeople.name(turn &* 6037).prefix(2)) + "囍")
        }
    }

    private static func search(_ registry: Registry, _ beginning: String) throws {
        _ = try registry.lookUpPersons(nameBeginning: beginning, purpose: .inquiry, handledBy: .benchTeller)
    }
}
