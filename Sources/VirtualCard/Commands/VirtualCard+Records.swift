import CardLayout
import ISO7816

/// READ RECORD, UPDATE RECORD and APPEND RECORD (cos-dialects §6.3, §6.5).
extension VirtualCard {
    func readRecord(_ command: CommandAPDU) throws -> Result {
        guard command.data.isEmpty else { throw Refusal(.wrongLength) }
        let file = try recordFile(command.p2)
        let record = try recordIndex(in: file, command).map { file.records[$0] }
        // Whether a record exists is told only to whom may read it (cos-dialects §14: security state before content).
        let wanted = command.p2 & 0x07 == 0b000 ? command.p1 : record?.first
        let tag = file.kind == .variableRecord ? wanted : nil
        try demand(tag.flatMap { file.recordRights[$0] } ?? file.readRight)
        guard let record else { throw Refusal(.recordNotFound) }
        return Result(data: record)
    }

    func updateRecord(_ command: CommandAPDU) throws -> Result {
        guard !command.data.isEmpty else { throw Refusal(.wrongLength) }
        let file = try recordFile(command.p2)
        try demandWritable(file, command)
        switch (command.p2 & 0x07, file.kind) {
        case (0b100, .variableRecord), (0b100, .fixedRecord):
            // The number after the last adds a record.
            if Int(command.p1) == file.records.count + 1 { return try append(command.data, to: file) }
            try replace(at: try recordIndex(in: file, command), in: file, with: command.data)
        case (0b000, .variableRecord):
            try replace(at: try recordIndex(in: file, command), in: file, with: command.data)
        case (0b010, .variableRecord) where command.p1 == 0, (0b011, .cyclic), (0b010, .cyclic):
            return try append(command.data, to: file)
        default:
            throw Refusal(.incorrectParameters)
        }
        isChanged = true
        return Result()
    }

    func appendRecord(_ command: CommandAPDU) throws -> Result {
        guard !command.data.isEmpty else { throw Refusal(.wrongLength) }
        guard command.p1 == 0, [0b000, 0b100].contains(command.p2 & 0x07) else { throw Refusal(.incorrectParameters) }
        let file = try recordFile(command.p2)
        try demandWritable(file, command)
        return try append(command.data, to: file)
    }

    // MARK: -

    private func recordFile(_ p2: UInt8) throws -> FileNode {
        let file = try file(shortIdentifier: p2 >> 3)
        guard file.kind != .transparent else { throw Refusal(.incompatibleFileStructure) }
        return file
    }

    /// Nil when there is no such record.
    private func recordIndex(in file: FileNode, _ command: CommandAPDU) throws -> Int? {
        switch command.p2 & 0x07 {
        case 0b100:
            let index = Int(command.p1) - 1
            return file.records.indices.contains(index) ? index : nil
        case 0b000:
            guard file.kind == .variableRecord else { throw Refusal(.incompatibleFileStructure) }
            return file.records.firstIndex { $0.first == command.p1 }
        default:
            throw Refusal(.incorrectParameters)
        }
    }

    private func replace(at index: Int?, in file: FileNode, with record: [UInt8]) throws {
        guard let index else { throw Refusal(.recordNotFound) }
        try demandWellFormed(record, in: file)
        guard record.count == file.records[index].count else { throw Refusal(.wrongData) }
        file.records[index] = record
    }

    private func append(_ record: [UInt8], to file: FileNode) throws -> Result {
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
        case .transparent:
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
        case .transparent:
            throw Refusal(.incompatibleFileStructure)
        }
    }
}
