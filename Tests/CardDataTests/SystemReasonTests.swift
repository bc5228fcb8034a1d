import Foundation
import Testing

@testable import CardData

@Suite struct SystemReasonTests {
    @Test func whatTheSystemRefusesIsSaidInItsOwnWords() throws {
        let file = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
        try Data().write(to: file)
        defer { try? FileManager.default.removeItem(at: file) }
        // A folder below a file: errno is ENOTDIR or EEXIST, whatever Foundation makes of it.
        #expect(
            reason { try FileManager.default.createDirectory(at: file, withIntermediateDirectories: false) }
                == "File exists")
        #expect(reason { _ = try Data(contentsOf: file.appending(path: "x")) } == "Not a directory")
        #expect(reason { throw CocoaError(.fileWriteNoPermission) } == "Permission denied")
        #expect(reason { throw CocoaError(.fileWriteOutOfSpace) } == "No space left on device")
        #expect(reason { throw POSIXError(.EROFS) } == "Read-only file system")
    }

    private func reason(_ body: () throws -> Void) -> String? {
        do {
            try body()
            return nil
        } catch {
            return error.systemReason
        }
    }
}
