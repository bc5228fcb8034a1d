import ByteText
import CardData
import Foundation
import Synchronization

/// The reading of one ``UploadedForm``: what came and is not told apart yet, and the part that is being read.
final class UploadReading: Sendable {
    private enum Place {
        /// Before a part: its delimiter was read, its header was not.
        case head
        /// In a part's content.
        case text(name: String)
        case file(name: String, fileName: String, IntakeSpool.File)
        /// Behind the last delimiter.
        case end
    }

    private struct State {
        /// The first delimiter begins the body and has no line's end before it.
        var pending = Array("\r\n".utf8)
        /// nil before the first delimiter.
        var place: Place?
        var values: [String: String] = [:]
        var files: [String: UploadedForm.File] = [:]
        var text: [UInt8] = []
        var size = 0
        var textLength = 0
    }

    private let delimiter: [UInt8]
    private let spool: IntakeSpool
    private let beforeFile: @Sendable (Fields) throws -> Void
    private let state = Mutex(State())

    init(boundary: String, spool: IntakeSpool, beforeFile: @escaping @Sendable (Fields) throws -> Void) {
        delimiter = Array("\r\n--\(boundary)".utf8)
        self.spool = spool
        self.beforeFile = beforeFile
    }

    /// Takes the next bytes; blocks on the disk.
    func take(_ bytes: [UInt8]) throws {
        try state.withLock { state in
            state.size += bytes.count
            try check(state)
            state.pending += bytes
            while try step(&state) {}
        }
    }

    /// The form, when its last delimiter has come; throws `counter.form` for one that breaks off.
    func finish() throws(Faults) -> UploadedForm {
        let (isWhole, form) = state.withLock { state in
            var isWhole = false
            if case .end = state.place { isWhole = true }
            return (isWhole, UploadedForm(fields: Fields(values: state.values), files: state.files))
        }
        guard isWhole else { throw Faults("counter.form") }
        return form
    }

    /// Removes what went to the spool.
    func discard() {
        state.withLock { state in
            if case .file(_, _, let file) = state.place { file.remove() }
            for file in state.files.values { file.content.remove() }
            state = State()
        }
    }

    private func check(_ state: State) throws(Faults) {
        try UploadedForm.check(size: state.size, text: state.textLength, parts: state.values.count + state.files.count)
    }

    /// Reads one thing; false when it wants more bytes.
    private func step(_ state: inout State) throws -> Bool {
        switch state.place {
        case .end:
            state.pending = []
            return false
        case .head: return try readHead(&state)
        case nil, .text, .file: return try readContent(&state)
        }
    }

    private func readHead(_ state: inout State) throws -> Bool {
        guard state.pending.count >= 2 else { return false }
        if state.pending.starts(with: Array("--".utf8)) {
            state.place = .end
            return true
        }
        guard let end = Fields.range(of: Array("\r\n\r\n".utf8), in: state.pending[...]) else {
            guard state.pending.count < 4096 else { throw Faults("counter.form") }
            return false
        }
        guard state.pending.starts(with: Array("\r\n".utf8)),
            let header = String(validating: state.pending[..<end.lowerBound], as: UTF8.self),
            let part = Fields.disposition(header), state.values[part.name] == nil, state.files[part.name] == nil
        else { throw Faults("counter.form") }
        state.pending.removeSubrange(..<end.upperBound)
        if let fileName = part.fileName {
            guard UploadedForm.fileNames.contains(part.name) else { throw Faults("counter.form") }
            if state.files.isEmpty { try beforeFile(Fields(values: state.values)) }
            state.place = .file(name: part.name, fileName: fileName, try spool.makeFile())
        } else {
            state.place = .text(name: part.name)
        }
        return true
    }

    private func readContent(_ state: inout State) throws -> Bool {
        let found = Fields.range(of: delimiter, in: state.pending[...])
        // What may be the beginning of a delimiter waits for its rest.
        let length = found?.lowerBound ?? max(0, state.pending.count - delimiter.count + 1)
        try keep(Array(state.pending[..<length]), &state)
        state.pending.removeSubrange(..<(found?.upperBound ?? length))
        guard found != nil else { return false }
        try endPart(&state)
        state.place = .head
        return true
    }

    private func keep(_ content: [UInt8], _ state: inout State) throws {
        switch state.place {
        case .text:
            state.text += content
            state.textLength += content.count
            try check(state)
        case .file(_, _, let file): try file.append(content)
        // Nothing stands before the first delimiter.
        default: guard content.isEmpty else { throw Faults("counter.form") }
        }
    }

    private func endPart(_ state: inout State) throws {
        switch state.place {
        case .text(let name):
            guard let text = String(validating: state.text, as: UTF8.self) else { throw Faults("counter.form") }
            state.values[name] = text
            state.text = []
        case .file(let name, let fileName, let file):
            try file.end()
            // A field in which nobody chose a file has no name.
            if fileName.isEmpty {
                file.remove()
            } else {
                state.files[name] = UploadedForm.File(name: fileName, content: file)
            }
        default: break
        }
    }
}
