import Foundation

/// Files are read up to a limit, so that a wrong path cannot fill the memory.
enum BoundedFile {
    /// The file's bytes; throws `file.unreadable` or `file.too-large`.
    static func read(_ path: String, limit: Int = 64 << 20) throws(Faults) -> [UInt8] {
        let bytes: Data
        do {
            let handle = try FileHandle(forReadingFrom: URL(fileURLWithPath: path))
            defer { try? handle.close() }
            bytes = try handle.read(upToCount: limit + 1) ?? Data()
        } catch {
            throw Faults("file.unreadable", ["file": path, "reason": FileReason.ofReading(path)])
        }
        guard bytes.count <= limit else {
            throw Faults("file.too-large", ["file": path, "most": String(limit >> 20)])
        }
        return [UInt8](bytes)
    }

    /// The file's text, UTF-8 with or without its mark, or else GBK; throws `file.encoding` too.
    static func readText(_ path: String, limit: Int = 64 << 20) throws(Faults) -> String {
        try text(of: read(path, limit: limit), file: path)
    }

    /// Reads bytes as UTF-8, or else as GBK; throws `file.encoding`, and `file.spreadsheet` for a workbook.
    ///
    /// A zero byte means some other encoding, such as the UTF-16 of a spreadsheet's "Unicode text".
    static func text(of bytes: [UInt8], file: String) throws(Faults) -> String {
        // a ZIP archive, and the compound file of older spreadsheets
        if bytes.starts(with: [0x50, 0x4B, 0x03, 0x04]) || bytes.starts(with: [0xD0, 0xCF, 0x11, 0xE0]) {
            throw Faults("file.spreadsheet", ["file": file])
        }
        let content = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? bytes[3...] : bytes[...]
        if !content.contains(0) {
            if let text = String(validating: content, as: UTF8.self) { return text }
            if let text = try? GBKText.decode(content) { return text }
        }
        throw Faults("file.encoding", ["file": file])
    }
}
