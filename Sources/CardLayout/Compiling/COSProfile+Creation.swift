import ByteText
public import ISO7816

/// The commands that bring a compiled card into being, in the words of its card operating system.
extension COSProfile {
    /// ERASE of everything; nil where the profile has no such command.
    public func erasure() throws(CommandAPDU.Malformed) -> CommandAPDU? { try commands[.erase]?.command([:]) }

    /// CREATE MF; nil where a blank has one.
    public func creation(ofMasterFile masterFile: CompiledDirectory) throws(CommandAPDU.Malformed) -> CommandAPDU? {
        try commands[.createMasterFile]?.command(values(of: masterFile, in: .createMasterFile))
    }

    /// CREATE DF.
    public func creation(of directory: CompiledDirectory) throws(CommandAPDU.Malformed) -> CommandAPDU {
        try required(.createDirectory, values(of: directory, in: .createDirectory))
    }

    /// CREATE of a directory's key file.
    public func creation(ofKeyFileOf directory: CompiledDirectory) throws(CommandAPDU.Malformed) -> CommandAPDU {
        try required(.createKeyFile, values(of: directory, in: .createKeyFile))
    }

    /// CREATE EF.
    public func creation(of file: CompiledFile) throws(CommandAPDU.Malformed) -> CommandAPDU {
        let dimension: [UInt8]
        let recordLength: UInt8
        let measures: [UInt8]
        switch file.structure {
        case .transparent, .variableRecord:
            dimension = try Self.number(file.bodySize, UInt16.self)
            recordLength = 0
            measures = file.structure.kind == .transparent ? [] : [0x00]
        case .fixedRecord(let count, let length), .cyclic(let count, let length):
            dimension = try Self.number(count, UInt8.self) + Self.number(length, UInt8.self)
            recordLength = dimension[1]
            measures = file.structure.kind == .cyclic ? [recordLength] : dimension
        }
        return try required(
            .createFile,
            [
                .identifier: file.identifier.bigEndianBytes, .shortFile: [UInt8(file.identifier & 0x1F)],
                .type: [codes.code(of: file.structure.kind) | (file.protection?.typeBits(self) ?? 0)],
                .control: [file.protection?.controlByte ?? CompiledFile.plainControlByte], .dimension: dimension,
                .contentSize: try Self.number(file.bodySize, UInt16.self), .recordLength: [recordLength],
                .recordMeasures: measures,
                .read: [file.readByte], .write: [file.writeByte],
                .recordRights: file.recordReadBytes.sorted { $0.key < $1.key }.flatMap { [$0.key, $0.value] },
            ])
    }

    /// The creation of a file that the card operating system itself works with.
    public func creation(
        of file: SystemFile, in directory: CompiledDirectory
    ) throws(CommandAPDU.Malformed) -> CommandAPDU {
        let name: CommandSet.Name
        var recordLength: UInt8 = 0
        switch file.role {
        case .information: return try creation(of: file.file)
        case .directory:
            name = .createDirectoryFile
            recordLength = directory.security.directoryFile?.recordLength ?? 0
        case .transactions:
            name = .createTransactionFile
            recordLength = directory.security.transactionFile?.recordLength ?? 0
        }
        return try required(
            name,
            [
                .identifier: file.file.identifier.bigEndianBytes, .shortFile: [UInt8(file.file.identifier & 0x1F)],
                .contentSize: try Self.number(file.file.bodySize, UInt16.self),
                .recordLength: [recordLength], .read: [file.file.readByte], .write: [file.file.writeByte],
            ])
    }

    /// The answer to reset that a blank shall give; nil where the profile has no such command.
    public func answerToResetWriting(_ answer: AnswerToReset) throws(CommandAPDU.Malformed) -> CommandAPDU? {
        try commands[.answerToReset]?.command([
            .historicalBytes: answer.historicalBytes, .answerToReset: answer.bytes,
        ])
    }

    /// The published first master of a directory, in plain; nil where first masters travel under the one above.
    public func transportKeyLoading(of record: KeyRecord) throws(CommandAPDU.Malformed) -> CommandAPDU? {
        try commands[.loadTransportKey]?.command(
            values(of: record).merging([.key: transportKey, .paddedKey: transportKey]) { $1 })
    }

    /// P1, P2 and the bytes before the key of a protected WRITE KEY.
    public func keyLoading(
        of record: KeyRecord, isUpdate: Bool
    ) throws(CommandAPDU.Malformed) -> (p1: UInt8, p2: UInt8, header: [UInt8]) {
        let command = try required(isUpdate ? .updateKey : .addKey, values(of: record))
        return (command.p1, command.p2, command.data)
    }

    /// Bytes of the key or PIN in a protected WRITE KEY when it is filled up with FF; nil when it keeps its own length.
    public func paddedKeyLength(isUpdate: Bool) -> Int? {
        commands[isUpdate ? .updateKey : .addKey]?.fields.contains(.paddedKey) == true ? 16 : nil
    }

    /// A new record of a file.
    public func recordAppending(
        _ number: Int, to file: ElementaryFile, _ record: [UInt8]
    ) throws(CommandAPDU.Malformed) -> CommandAPDU {
        try required(.appendRecord, values(of: file, number, record))
    }

    /// A row of a cyclic file, which becomes its record 1.
    public func rowAppending(
        to file: ElementaryFile, _ record: [UInt8]
    ) throws(CommandAPDU.Malformed) -> CommandAPDU {
        try required(.appendCyclic, values(of: file, 0, record))
    }

    /// Whether a command adds a row to a cyclic file, under line protection or not.
    public func addsRow(_ command: CommandAPDU) -> Bool {
        let plain = CommandAPDU(command.cla & ~0x04, command.ins, command.p1, command.p2)
        let found = commands[.appendCyclic]?.headerValues(of: plain)
        // P2 may be a place that any file fills
        return found.map { $0[.ringReference].map { $0[0] & 0b111 == 0b011 } ?? true } ?? false
    }

    /// A record with a new content of the same length.
    public func recordUpdate(
        _ number: Int, of file: ElementaryFile, _ record: [UInt8]
    ) throws(CommandAPDU.Malformed) -> CommandAPDU {
        try required(.updateRecord, values(of: file, number, record))
    }

    /// The end of creation in the current directory; nil where the profile has no such command.
    public func directoryEnd() throws(CommandAPDU.Malformed) -> CommandAPDU? {
        try commands[.endDirectory]?.command([:])
    }

    /// The end of creation on the chip; nil where the profile has no such command.
    public func cardEnd() throws(CommandAPDU.Malformed) -> CommandAPDU? { try commands[.endCard]?.command([:]) }

    // MARK: -

    private func required(
        _ name: CommandSet.Name, _ values: [CommandTemplate.Field: [UInt8]]
    ) throws(CommandAPDU.Malformed) -> CommandAPDU {
        guard let template = commands[name] else { throw .lengthMismatch }
        return try template.command(values)
    }

    /// A number as a field has it, or none: cut down it would be another one.
    private static func number<Width: FixedWidthInteger & UnsignedInteger & Sendable>(
        _ number: Int, _ width: Width.Type
    ) throws(CommandAPDU.Malformed) -> [UInt8] {
        guard let exact = Width(exactly: number) else { throw .numberTooLarge(number) }
        return exact.bigEndianBytes
    }

    /// Sizes stand only where the command has a place for them: a master file may be larger than any directory.
    private func values(
        of directory: CompiledDirectory, in name: CommandSet.Name
    ) throws(CommandAPDU.Malformed) -> [CommandTemplate.Field: [UInt8]] {
        let fields = commands[name]?.fields ?? []
        var values: [CommandTemplate.Field: [UInt8]] = [
            .identifier: directory.identifier.bigEndianBytes, .shortFile: [UInt8(directory.identifier & 0x1F)],
            .create: [directory.security.createRight], .erase: [directory.security.eraseRight],
            .addKey: [directory.security.addKeyRight], .shortIdentifier: [directory.security.shortIdentifierByte],
            .directoryKind: [directory.directory?.parent == nil ? 0x01 : 0x02],
            .informationFile: [UInt8((directory.informationFile?.identifier ?? 0) & 0x1F)],
            .transactionFile: [UInt8((directory.security.transactionFile?.identifier ?? 0) & 0x1F)],
            .name: directory.directory?.dedicatedFileName ?? [],
        ]
        if fields.contains(.size) { values[.size] = try Self.number(directory.space, UInt16.self) }
        if fields.contains(.keyFileSize) { values[.keyFileSize] = try Self.number(directory.keyFileSize, UInt16.self) }
        return values
    }

    private func values(of record: KeyRecord) -> [CommandTemplate.Field: [UInt8]] {
        let code = codes.code(ofKeyType: record.type, identifier: record.identifier)
        return [
            .keyType: [record.isProtected && code == record.type ? code | 0xC0 : code], .keyBaseType: [code],
            .keyIdentifier: [record.identifier], .use: [record.useRight], .change: [record.changeRight],
            .next: [record.nextState], .counter: [record.isCounted ? record.tries << 4 | record.tries : record.tries],
            .keyLength: [UInt8(record.contentLength)],
        ]
    }

    private func values(
        of file: ElementaryFile, _ number: Int, _ record: [UInt8]
    ) -> [CommandTemplate.Field: [UInt8]] {
        [
            .shortFile: [file.shortIdentifier], .recordReference: [file.shortIdentifier << 3 | 0b100],
            .fileReference: [file.shortIdentifier << 3], .ringReference: [file.shortIdentifier << 3 | 0b011],
            .recordNumber: [UInt8(truncatingIfNeeded: number)], .record: record,
        ]
    }
}
