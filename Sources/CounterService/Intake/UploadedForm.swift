import ByteText
import CardData
import Hummingbird

/// A form with files in it (`multipart/form-data`, RFC 7578), read piece after piece: its texts stay in memory, its files go to the spool as
/// they come, however large they are.
struct UploadedForm: Sendable {
    /// A file of the form.
    struct File: Sendable {
        /// As the browser names it.
        let name: String
        /// What it holds, in the spool.
        let content: IntakeSpool.File
    }

    /// No file that a window sends is larger, in bytes.
    static let sizeLimit = 64 << 20
    /// The fields of files that forms here have: whatever else is sent is nobody's to remove later.
    static let fileNames: Set<String> = ["file", "mapping"]
    private static let textLimit = 16_384
    private static let mostParts = 60

    let fields: Fields
    /// The files by the names of their fields; a field without a file is not there.
    let files: [String: File]

    /// Forgets the files.
    func discard() { for file in files.values { file.content.remove() } }

    /// Reads a form.
    ///
    /// - Parameters:
    ///   - body: its bytes as they come.
    ///   - beforeFile: judges the texts before the first byte of a file is kept.
    /// - Throws: `counter.form` for what is none, `counter.too-large`, `intake.spool`, and what `beforeFile` throws; nothing is left in the
    ///   spool then.
    static func read<Body: AsyncSequence & Sendable>(
        _ body: Body, _ contentType: String, into spool: IntakeSpool, on threads: RegistryThreads,
        beforeFile: @escaping @Sendable (Fields) throws -> Void
    ) async throws -> UploadedForm where Body.Element == ByteBuffer {
        guard let boundary = Fields.boundary(contentType) else { throw Faults("counter.form") }
        let reading = UploadReading(boundary: boundary, spool: spool, beforeFile: beforeFile)
        do {
            for try await piece in body {
                let bytes = Array(piece.readableBytesView)
                try await threads.run { try reading.take(bytes) }
            }
            return try reading.finish()
        } catch {
            reading.discard()
            throw error
        }
    }

    /// The limits that a reading keeps.
    static func check(size: Int, text: Int, parts: Int) throws(Faults) {
        guard size <= sizeLimit else { throw Faults("counter.too-large", ["most": String(sizeLimit >> 10)]) }
        guard text <= textLimit, parts <= mostParts else { throw Faults("counter.form") }
    }
}
