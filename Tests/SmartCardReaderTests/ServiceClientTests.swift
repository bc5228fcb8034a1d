import CardData
import Foundation
import Glibc
import SmartCardReader
import Testing

/// Which other program holds a card.
///
/// Root sees everybody's sockets, and the tests of readers run as root.
@Suite(.enabled(if: hasReaders && geteuid() == 0), .timeLimit(.minutes(2)))
struct ServiceClientTests {
    /// Holds the card of the slot until its standard input ends; says so by a line.
    private static let holder = """
        import os
        import sys
        from smartcard.scard import *
        _, context = SCardEstablishContext(SCARD_SCOPE_USER)
        code, card, _ = SCardConnect(context, sys.argv[1], SCARD_SHARE_EXCLUSIVE, SCARD_PROTOCOL_ANY)
        os.write(1, str(code).encode() + b"\\n")
        sys.stdin.read()
        """

    @Test func theProgramThatHoldsTheCardIsNamed() async throws {
        let slot = 13
        let readers = try ReaderList.current()
        try #require(readers.count > slot)
        let inserted = try InsertedCard(slot: slot)
        let reader = SmartCardReader(readers[slot].name)
        _ = try await reader.waitForCard()
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/python3")
        process.arguments = ["-c", Self.holder, reader.name.rawValue]
        let (input, output) = (Pipe(), Pipe())
        process.standardInput = input
        process.standardOutput = output
        try process.run()
        #expect(output.fileHandleForReading.availableData == Data("0\n".utf8), "the other program holds the card")
        let error = await #expect(throws: ReaderError.self) { try await reader.withCard(patience: .zero) { _ in } }
        guard case .cardHeldByOneOf(reader.name, let programs)? = error else {
            Issue.record("not named: \(String(describing: error))")
            return
        }
        // Other tests may use the service at the same moment; this process never names itself.
        #expect(programs.contains(ServiceClient(name: "python3", process: process.processIdentifier)))
        #expect(!programs.contains { $0.process == getpid() })
        #expect(error?.faults.first?.parameters["programs"]?.contains("python3 (\(process.processIdentifier))") == true)
        try input.fileHandleForWriting.close()
        process.waitUntilExit()
        inserted.pull()
    }
}
