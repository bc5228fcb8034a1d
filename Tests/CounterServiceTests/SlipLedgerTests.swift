import CardData
import Foundation
import Testing

@testable import CounterService

/// Which slips were printed, whatever a crash or a full disk left of the list.
@Suite struct SlipLedgerTests {
    private let folder = FileManager.default.temporaryDirectory.appending(path: "slips-\(UUID().uuidString)").path
    private var path: String { folder + "/operators/slips" }

    private func text() throws -> String { try String(contentsOfFile: path, encoding: .utf8) }

    private func write(_ text: String) throws { try Data(text.utf8).write(to: URL(filePath: path)) }

    @Test func theSecondPrintIsACopyAfterARestartToo() throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let ledger = try SlipLedger(dataFolder: folder)
        #expect(try !ledger.note(12))
        #expect(try ledger.note(12))
        #expect(try !ledger.note(345))
        #expect(try SlipLedger(dataFolder: folder).isPrinted(345))
        #expect(try text() == "12\n345\n")
    }

    /// Left where it is, "34" would be slip 34, and with the next line 3446.
    @Test func halfALineThatACrashLeftIsTakenAway() throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        _ = try SlipLedger(dataFolder: folder).note(12)
        try write("12\n34")
        let ledger = try SlipLedger(dataFolder: folder)
        #expect(!ledger.isPrinted(34))
        #expect(try !ledger.note(46))
        #expect(try text() == "12\n46\n")
        #expect(try SlipLedger(dataFolder: folder).note(46))
    }

    /// `/dev/full` takes no byte and cannot be cut to a length: what was half written stays, until it is looked at again.
    @Test func whereEvenTheCuttingFailsTheFileIsMendedBeforeTheNextLine() throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let files = FileManager.default
        let ledger = try SlipLedger(dataFolder: folder)
        _ = try ledger.note(12)
        try files.removeItem(atPath: path)
        try files.createSymbolicLink(atPath: path, withDestinationPath: "/dev/full")
        #expect(!DurableFile.append("34", to: path))
        #expect(throws: Faults("counter.slip-file", ["file": path])) { _ = try ledger.note(34) }
        #expect(!ledger.isPrinted(34))
        try files.removeItem(atPath: path)
        try write("12\n3")
        #expect(try !ledger.note(34))
        #expect(try text() == "12\n34\n")
        #expect(try ledger.note(12))
    }

    @Test func aListThatCannotBeReadIsNotTakenForAnEmptyOne() throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        #expect(throws: Faults("counter.slip-file", ["file": path])) { _ = try SlipLedger(dataFolder: folder) }
    }
}
