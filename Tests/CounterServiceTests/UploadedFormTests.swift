import CardCryptography
import CardData
import Foundation
import Hummingbird
import Testing

@testable import CounterService

/// Forms whose files go to the spool as they come (RFC 7578), in pieces of any size.
@Suite struct UploadedFormTests {
    private let folder = FileManager.default.temporaryDirectory.path + "/upload-\(UUID().uuidString)"
    private let threads = RegistryThreads(count: 1)

    /// A file that holds what looks like the beginning of a delimiter, again and again.
    private let content = Array("姓名\r\n--X\r\n--X-\r\r\n-\r\n--XY".utf8) + [0x00, 0xFF, 0x0D]

    private func part(_ disposition: String, _ content: [UInt8]) -> [UInt8] {
        Array("--XX\r\nContent-Disposition: form-data; \(disposition)\r\n\r\n".utf8) + content + Array("\r\n".utf8)
    }

    private var body: [UInt8] {
        part("name=\"batch\"", Array("批次 1".utf8)) + part("name=\"file\"; filename=\"名单.csv\"", content)
            + part("name=\"mapping\"; filename=\"\"", []) + part("name=\"kind\"", Array("persons".utf8))
            + Array("--XX--\r\n".utf8)
    }

    private func read(
        _ pieces: [[UInt8]], beforeFile: @escaping @Sendable (Fields) throws -> Void = { _ in }
    ) async throws -> UploadedForm {
        let stream = AsyncStream { continuation in
            for piece in pieces { continuation.yield(ByteBuffer(bytes: piece)) }
            continuation.finish()
        }
        return try await UploadedForm.read(
            stream, "multipart/form-data; boundary=XX", into: try IntakeSpool(dataFolder: folder), on: threads,
            beforeFile: beforeFile)
    }

    private var spooled: [String] {
        (try? FileManager.default.contentsOfDirectory(atPath: folder + "/intake")) ?? []
    }

    @Test func textsAndFilesAreTheSameInPiecesOfEveryLength() async throws {
        for length in 1...body.count {
            let pieces = stride(from: 0, to: body.count, by: length).map {
                Array(body[$0..<min($0 + length, body.count)])
            }
            let form = try await read(pieces)
            #expect(form.fields.values == ["batch": "批次 1", "kind": "persons"], "pieces of \(length)")
            let file = try #require(form.files["file"])
            #expect(file.name == "名单.csv")
            #expect(try file.content.bytes(named: file.name) == content, "pieces of \(length)")
            #expect(form.files.count == 1)
            form.discard()
            #expect(spooled == [])
        }
    }

    /// Whoever finds the disk reads nobody: what waits is sealed, and so are pieces that were changed or moved refused.
    @Test func whatLiesInTheSpoolCanBeReadByTheServiceThatWroteItAlone() throws {
        let spool = try IntakeSpool(dataFolder: folder)
        let row = Array("990165200802116857,张三,1,01,20080211,990165\n".utf8)
        // More than two pieces, so that one may stand for another.
        let content = Array(repeatElement(row, count: 4000).joined())
        let file = try spool.makeFile()
        for start in stride(from: 0, to: content.count, by: 7001) {
            try file.append(Array(content[start..<min(start + 7001, content.count)]))
        }
        #expect(throws: Faults("file.unreadable", ["file": "list.csv", "reason": String(cString: strerror(EBUSY))])) {
            try file.bytes(named: "list.csv")
        }
        try file.end()
        #expect(try file.bytes(named: "list.csv") == content)
        let path = "\(folder)/intake/\(try #require(spooled.first))"
        var kept = try Data(contentsOf: URL(filePath: path))
        for planted in ["990165200802116857", "张三"] { #expect(kept.firstRange(of: Data(planted.utf8)) == nil) }
        let piece = (1 << 16) + 28
        let (first, second) = (kept[..<piece], kept[piece..<2 * piece])
        try (second + first + kept[(2 * piece)...]).write(to: URL(filePath: path))
        #expect(throws: CryptographyError.notAuthentic) { try file.bytes(named: "list.csv") }
        kept[100] ^= 1
        try kept.write(to: URL(filePath: path))
        #expect(throws: CryptographyError.notAuthentic) { try file.bytes(named: "list.csv") }
        file.remove()
        #expect(spooled == [])
    }

    @Test func aFormThatBreaksOffLeavesNothingBehind() async throws {
        let end = body.count - 4
        for length in 0..<end {
            await #expect(throws: Faults("counter.form"), "cut after \(length)") {
                try await read([Array(body.prefix(length))])
            }
            #expect(spooled == [])
        }
    }

    @Test func textsAreJudgedBeforeAnythingOfAFileIsKept() async throws {
        let whole = body
        await #expect(throws: Faults("counter.form-token")) {
            try await read([whole]) { fields in
                #expect(fields["batch"] == "批次 1")
                throw Faults("counter.form-token")
            }
        }
        #expect(spooled == [])
    }

    @Test func aNameTwiceAndTooMuchTextAreRefused() async throws {
        let end = Array("--XX--\r\n".utf8)
        let twice = part("name=\"a\"", [0x31]) + part("name=\"a\"; filename=\"b\"", [0x32]) + end
        await #expect(throws: Faults("counter.form")) { try await read([twice]) }
        let long = part("name=\"a\"", Array(repeating: 0x31, count: 20_000)) + end
        await #expect(throws: Faults("counter.form")) { try await read([long]) }
        #expect(spooled == [])
    }
}
