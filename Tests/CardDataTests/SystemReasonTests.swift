import Foundation
import Testing

@testable import CardData

@Suite struct SystemReasonTests {
    @Test func whatTheSystemRefusesIsSaidInItsOwnWords() throws {
        let file = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
        try Data().write(to: file)
        defer { try? FileManager.default.removeItem(at: file) }
        let below = file.appending(path: "x")
        #expect(
            reason(at: file) { try FileManager.default.createDirectory(at: file, withIntermediateDirectories: false) }
                == "File exists")
        // Foundation says no more than that something went wrong.
        #expect(reason(at: below) { _ = try Data(contentsOf: below) } == "Not a directory")
        #expect(reason(at: file) { throw CocoaError(.fileWriteNoPermission) } == "Permission denied")
        #expect(reason(at: file) { throw CocoaError(.fileWriteOutOfSpace) } == "No space left on device")
        #expect(reason(at: file) { throw POSIXError(.EROFS) } == "Read-only file system")
    }

    private func reason(at file: URL, _ body: () throws -> Void) -> String? {
        do {
            try body()
            return nil
        } catch {
            return error.systemReason(at: file.path)
        }
    }
}
