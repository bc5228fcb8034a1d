import CardLayout
import ISO7816

/// READ RECORD, UPDATE RECORD and APPEND RECORD (cos-dialects §6.3, §6.5).
extension VirtualCard {
    func readRecord(_ command: CommandAPDU) throws -> Result {
        let file = try recordFile(command.p2)
        let indices = try recordIndices(in: file, command)
        // Whether a record exists is told only to whom may read it (cos-dialects §14: security state before content).
        let isByTag = command.p2 & 0x04 == 0
        let tags = isByTag ? [command.p1] : indices.compactMap { file.records[$0].first }
        let rights = file.kind == .variableRecord ? tags.compactMap { file.recordRights[$0] } : []
        if rights.count < max(tags.count, 1) { try demand(file.readRight) }
        for right in rights { try demand(right) }
        let exchange = try demandReadable(file, command)
        guard let last = indices.last else { return try unwritten(command, in: file, exchange) }
        if isByTag { session.recordPointer = last }
        let data = indices.flatMap { file.records[$0] }
        if let wanted = exchange.expectedLength, wanted != data.count {
            throw Refusal(.correctLength(exchange.answerLength(data.count)))
        }
        // nothing is cut off in silence: records that do not fit into one answer are asked for one by one
        guard data.count <= exchange.largestAnswer else { throw Refusal(.wrongLength) }
        return Result(data: try exchange.answer(data))
    }

    /// A record that the file has room for and nobody has written.
    private func unwritten(_ command: CommandAPDU, in file: FileNode, _ exchange: ReadExchange) throws -> Result {
        let isPlace = command.p2 & 0x07 == 0b100 && (1...max(file.capacity, 1)).contains(Int(command.p1))
        guard profile.unwrittenRecord != .notFound, isPlace, [.fixedRecord, .cyclic].contains(file.kind) else {
            throw Refusal(.recordNotFound)
        }
        let filler = [UInt8](repeating: 0xFF, count: file.recordLength)
        if let wanted = exchange.expectedLength, wanted != filler.count {
            throw Refusal(.correctLength(exchange.answerLength(filler.count)))
        }
        return Result(
            data: try exchange.answer(filler), warning: profile.unwrittenRecord == .warning ? .dataMayBeCorrupted : nil)
    }

    func updateRecord(_ command: CommandAPDU) throws -> Result {
        try demandRecordCommand(command)
        guard !command.data.isEmpty else { throw Refusal(.wrongLength) }
        let file = try recordFile(command.p2)
        let record = try writtenData(of: command, to: file)
        switch (command.p2 & 0x07, file.kind) {
        case (0b100, .variableRecord), (0b100, .fixedRecord):
            // The number after the last adds a record.
            if Int(command.p1) == file.records.count + 1 { return try append(record, to: file) }
            try replace(at: try recordIndex(in: file, command), in: file, with: record)
        case (0b000, .variableRecord):
            try replace(at: try recordIndex(in: file, command), in: file, with: record)
        case (0b010, .variableRecord) where command.p1 == 0, (0b011, .cyclic), (0b010, .cyclic):
            return try append(record, to: file)
        default:
            throw Refusal(.incorrectParameters)
        }
        isChanged = true
        return Result()
    }

    func appendRecord(_ command: CommandAPDU) throws -> Result {
        try demandRecordCommand(command)
        guard !command.data.isEmpty else { throw Refusal(.wrongLength) }
        guard command.p1 == 0, [0b000, 0b100].contains(command.p2 & 0x07) else { throw Refusal(.incorrectParameters) }
        let file = try recordFile(command.p2)
        return try append(try writtenData(of: command, to: file), to: file)
    }

    // MARK: -

    /// T514 writes records by D2 alone, as far as its script shows (cos-dialects §3.7); others have D2 beside DC and E2.
    private func demandRecordCommand(_ command: CommandAPDU) throws {
        guard profile.family != .t514 || command.ins == 0xD2 else { throw Refusal(.instructionNotSupported) }
    }

    private func recordFile(_ p2: UInt8) throws -> FileNode {
        let file = try file(shortIdentifier: p2 >> 3)
        guard file.kind != .transparent, file.kind != .wallet else { throw Refusal(.incompatibleFileStructure) }
        return file
    }

    /// The record that an update is for; nil when there is none.
    private func recordIndex(in file: FileNode, _ command: CommandAPDU) throws -> Int? {
        guard [0b000, 0b100].contains(command.p2 & 0x07) else { throw Refusal(.incorrectParameters) }
        return try recordIndices(in: file, command).first
    }

    /// The records that P1 and the low bits of P2 name, in the order of the answer; none when there are no such.
    private func recordIndices(in file: FileNode, _ command: CommandAPDU) throws -> [Int] {
        let mode = command.p2 & 0x07
        let number = Int(command.p1) - 1
        let isThere = file.records.indices.contains(number)
        switch mode {
        case 0b100: return isThere ? [number] : []
        case 0b101: return isThere ? Array(number..<file.records.count) : []
        case 0b110: return isThere ? (number..<file.records.count).reversed() : []
        case 0b111: throw Refusal(.incorrectParameters)
        default: break
        }
        guard file.kind == .variableRecord else { throw Refusal(.incompatibleFileStructure) }
        let tagged = file.records.indices.filter { file.records[$0].first == command.p1 }
        let pointer = session.recordPointer
        let found: Int? =
            switch mode {
            case 0b000: tagged.first
            case 0b001: tagged.last
            // without a record read before, next is the first and previous the last (ISO/IEC 7816-4 §7.3.3)
            case 0b010: tagged.first { $0 > pointer ?? -1 }
            default: tagged.last { $0 < pointer ?? file.records.count }
            }
        return found.map { [$0] } ?? []
    }

    private func replace(at index: Int?, in file: FileNode, with record: [UInt8]) throws {
        guard let index else { throw Refusal(.recordNotFound) }
        try demandWellFormed(record, in: file)
        guard record.count == file.records[index].count else { throw Refusal(.wrongData) }
        file.records[index] = record
    }

    /// Adds a record, whoever may write the file.
    func append(_ record: [UInt8], to file: FileNode) throws -> Result {
        try demandWellFormed(record, in: file)
        switch file.kind {
        case .variableRecord:
            let used = file.records.reduce(0) { $0 + $1.count }
            guard used + record.count <= file.capacity, file.records.count < 254 else {
                throw Refusal(.notEnoughMemory)
            }
            file.records.append(record)
        case .fixedRecord:
            guard file.records.count < file.capacity else { throw Refusal(.notEnoughMemory) }
            file.records.append(record)
        case .cyclic:
            // The newest is record 1; the oldest falls out of the ring.
            file.records.insert(record, at: 0)
            if file.records.count > file.capacity { file.records.removeLast() }
        case .transparent, .wallet:
            throw Refusal(.incompatibleFileStructure)
        }
        isChanged = true
        return Result()
    }

    private func demandWellFormed(_ record: [UInt8], in file: FileNode) throws {
        switch file.kind {
        case .variableRecord:
            guard record.count >= 2, record.count <= profile.longestRecord, Int(record[1]) == record.count - 2 else {
                throw Refusal(.wrongData)
            }
        case .fixedRecord, .cyclic:
            guard record.count == file.recordLength else { throw Refusal(.wrongLength) }
        case .transparent, .wallet:
            throw Refusal(.incompatibleFileStructure)
        }
    }
}
