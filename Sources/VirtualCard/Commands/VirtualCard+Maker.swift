import ByteText
import CardCryptography
import CardLayout
import ISO7816

/// The creation commands of T514 and MCOS, read by the templates of the profile (cos-dialects §3.6, §3.7).
extension VirtualCard {
    /// A chip as its maker delivers it: TimeCOS comes with a master file, a key file and the published transport key.
    static func factoryMasterFile(_ profile: COSProfile) -> DirectoryNode? {
        guard profile.hasFactoryMasterFile, let security = profile.directories["MF"],
            let master = security.masterKey
        else { return nil }
        let directory = DirectoryNode(
            identifier: 0x3F00, name: masterFileName, createRight: security.createRight,
            eraseRight: security.eraseRight, size: profile.memorySize,
            shortIdentifierByte: security.shortIdentifierByte)
        var keyFile = KeyFile(
            capacity: profile.transportKey.count + profile.keyRecordOverhead, addRight: security.addKeyRight)
        keyFile.slots = [
            KeySlot(
                type: master.isProtected ? master.type | 0xC0 : master.type, identifier: master.identifier,
                useRight: master.useRight, changeRight: master.changeRight, nextState: master.nextState,
                counter: master.tries << 4 | master.tries, value: profile.transportKey)
        ]
        directory.keyFile = keyFile
        return directory
    }

    /// The answer to one of the maker's own commands; nil when the command is another.
    func makerCommand(_ command: CommandAPDU) throws -> Result? {
        guard profile.family == .t514 || profile.family == .mcos else { return nil }
        let named = Self.makerCommands.filter { profile.commands[$0]?.headerValues(of: command) != nil }
        guard !named.isEmpty else { return nil }
        guard !memory.isBlocked else { throw Refusal(.functionNotSupported) }
        guard command.data.count <= profile.largestCommandData else { throw Refusal(.wrongLength) }
        try demandUnlocked(command)
        for name in named {
            guard let template = profile.commands[name] else { continue }
            if [.addKey, .updateKey].contains(name) {
                try writeKey(command, template, isUpdate: name == .updateKey)
                return Result()
            }
            guard let values = template.values(of: command) else { continue }
            try make(name, values)
            isChanged = true
            return Result()
        }
        throw Refusal(.wrongData)
    }

    private static let makerCommands: [CommandSet.Name] = [
        .answerToReset, .transportCode, .erase, .createMasterFile, .createDirectory, .createKeyFile,
        .createDirectoryFile, .createTransactionFile, .createFile, .loadTransportKey,
        .updateKey, .addKey, .endDirectory, .endCard,
    ]

    private func make(_ name: CommandSet.Name, _ values: [CommandTemplate.Field: [UInt8]]) throws {
        switch name {
        case .answerToReset: try settle(answer: values)
        case .transportCode: try proveOwner(code: values[.transportCode] ?? [])
        case .erase: try eraseChip()
        case .createMasterFile:
            guard session.isOwnerProved || memory.masterFile != nil else { throw Refusal(.securityStatusNotSatisfied) }
            try makeMasterFile(
                createRight: values.byte(.create), eraseRight: values.byte(.erase, .create),
                shortIdentifierByte: try shortIdentifierByte(values))
        case .createDirectory:
            try make(
                DirectoryNode(
                    identifier: values.number(.identifier), name: values[.name] ?? [],
                    createRight: values.byte(.create), eraseRight: values.byte(.erase, .create),
                    size: Int(values.number(.size)), shortIdentifierByte: try shortIdentifierByte(values)))
        case .createKeyFile:
            try make(KeyFile(capacity: Int(values.number(.keyFileSize)), addRight: values.byte(.addKey)))
        case .createFile: try make(try file(values))
        case .createDirectoryFile: try make(systemFile(.variableRecord, values))
        case .createTransactionFile: try make(systemFile(.transparent, values))
        case .loadTransportKey:
            let directory = try currentDirectory()
            guard let keyFile = directory.keyFile else { throw Refusal(.fileNotFound) }
            try demand(keyFile.addRight)
            try add(try slot(values), to: directory, keyFile)
        case .endDirectory:
            // Nothing can be created or erased here any more.
            try currentDirectory().createRight = AccessRuleCompiler.forbidden
            try currentDirectory().eraseRight = AccessRuleCompiler.forbidden
            session.isFree = false
        case .endCard:
            guard let masterFile = memory.masterFile, isInMasterFile else { throw Refusal(.functionNotSupported) }
            masterFile.createRight = AccessRuleCompiler.forbidden
            masterFile.eraseRight = AccessRuleCompiler.forbidden
        case .addKey, .updateKey, .appendRecord, .updateRecord, .appendCyclic: throw Refusal(.instructionNotSupported)
        }
    }

    /// What SELECT answers: as FMCOS says it, or from the file whose short identifier stands there, 00 for none (cos-dialects §3.2, §3.6);
    /// T514's file is the template itself.
    private func shortIdentifierByte(_ values: [CommandTemplate.Field: [UInt8]]) throws -> UInt8 {
        guard let file = values[.informationFile]?.first else { return values.byte(.shortIdentifier) }
        guard file < 0x1F else { throw Refusal(.wrongData) }
        return file == 0 ? 0xFF : (profile.family == .t514 ? 0xC0 : 0x80) | file
    }

    // MARK: - Owner

    /// EXTERNAL AUTHENTICATE with the maker's published key before there is a master file.
    func proveOwner(_ cryptogram: [UInt8]) throws -> Result {
        guard let challenge = session.challenges.first else { throw Refusal(profile.noChallenge) }
        try demandOwner(cryptogram, challenge: challenge)
        return Result()
    }

    private func proveOwner(code: [UInt8]) throws {
        let answer = try? AnswerToReset(bytes: session.answerToReset)
        try demandOwner(code, challenge: [0x00, 0x00] + (answer?.historicalBytes.suffix(6) ?? []))
    }

    /// A blank takes another answer to reset, which counts from the next reset on; so does a card whose erase right is met.
    ///
    /// Taken are the historical bytes, as many as there are, or a whole answer with these.
    private func settle(answer values: [CommandTemplate.Field: [UInt8]]) throws {
        if let masterFile = memory.masterFile, !masterFile.isEmpty { try demand(masterFile.eraseRight) }
        guard let old = try? AnswerToReset(bytes: memory.answerToReset) else { throw Refusal(.conditionsNotSatisfied) }
        let bytes =
            values[.answerToReset]
            ?? (old.bytes.dropLast(old.historicalBytes.count) + (values[.historicalBytes] ?? []))
        guard let new = try? AnswerToReset(bytes: bytes), new.historicalBytes.count == old.historicalBytes.count else {
            throw Refusal(.wrongData)
        }
        memory.answerToReset = new.bytes
    }

    private func demandOwner(_ cryptogram: [UInt8], challenge: [UInt8]) throws {
        let expected = try refusing {
            try CardCryptogram.plainCryptogram(
                key: profile.transportKey, cipher: cipher, challenge: challenge,
                blocks: profile.secureMessaging.sm4.blocks)
        }
        guard constantTimeEqual(cryptogram, expected) else { throw Refusal(.securityStatusNotSatisfied) }
        session.isOwnerProved = true
    }

    private func eraseChip() throws {
        guard let masterFile = memory.masterFile else { throw Refusal(.fileNotFound) }
        guard isInMasterFile else { throw Refusal(.functionNotSupported) }
        try demand(masterFile.eraseRight)
        eraseContent(of: masterFile)
    }

    // MARK: - Files

    private func file(_ values: [CommandTemplate.Field: [UInt8]]) throws -> FileNode {
        guard let structure = profile.codes.structure(of: values.byte(.type)) else { throw Refusal(.wrongData) }
        let kind: FileNode.Kind =
            switch structure {
            case .transparent: .transparent
            case .fixedRecord: .fixedRecord
            case .variableRecord: .variableRecord
            case .cyclic: .cyclic
            }
        let size = Int(values.number(.contentSize))
        let recordLength = Int(values[.recordLength]?.first ?? values[.recordMeasures]?.last ?? 0)
        let hasRecords = kind == .fixedRecord || kind == .cyclic
        guard !hasRecords || recordLength > 0 else { throw Refusal(.wrongData) }
        let count = hasRecords ? size / (recordLength + 1) : size
        guard !hasRecords || count >= 2 else { throw Refusal(.wrongData) }
        return FileNode(
            identifier: values.number(.identifier), kind: kind, protection: 0, capacity: count,
            recordLength: hasRecords ? recordLength : 0, readRight: values.byte(.read), writeRight: values.byte(.write),
            control: 0xFF, recordRights: [:])
    }

    private func systemFile(_ kind: FileNode.Kind, _ values: [CommandTemplate.Field: [UInt8]]) -> FileNode {
        FileNode(
            identifier: values.number(.identifier), kind: kind, protection: 0,
            capacity: Int(values.number(.contentSize)), recordLength: 0, readRight: values.byte(.read),
            writeRight: values.byte(.write), control: 0xFF, recordRights: [:])
    }

    // MARK: - Keys

    private func writeKey(_ command: CommandAPDU, _ template: CommandTemplate, isUpdate: Bool) throws {
        guard command.cla & 0x04 != 0 else { throw Refusal(.securityStatusNotSatisfied) }
        let directory = try currentDirectory()
        guard let keyFile = directory.keyFile else { throw Refusal(.fileNotFound) }
        let master = keyFile.slots.isEmpty ? masterAbove(directory) : keyFile.master
        let content = try keyContent(of: command, master: master)
        guard var values = template.dataValues(of: content) else { throw Refusal(.wrongData) }
        if let header = template.headerValues(of: command) { values.merge(header) { $1 } }
        let type = profile.codes.keyType(
            ofCode: values[.keyType]?.first ?? values.byte(.keyBaseType), identifier: values.byte(.keyIdentifier))
        let existing = type.flatMap { keyFile.index(baseType: $0, identifier: values.byte(.keyIdentifier)) }
        if isUpdate {
            guard let existing else { throw Refusal(profile.keyNotFound) }
            try demand(keyFile.slots[existing].changeRight)
            let old = keyFile.slots[existing]
            try demandUnlocked(old)
            var slot = old
            slot.value = values[.key] ?? values[.paddedKey] ?? []
            try update(existing, with: slot, in: directory)
        } else {
            try demand(keyFile.addRight)
            try add(try slot(values), to: directory, keyFile)
        }
        isChanged = true
    }

    private func slot(_ values: [CommandTemplate.Field: [UInt8]]) throws -> KeySlot {
        let identifier = values.byte(.keyIdentifier)
        let code = values[.keyType]?.first ?? values.byte(.keyBaseType)
        guard let type = profile.codes.keyType(ofCode: code, identifier: identifier) else { throw Refusal(.wrongData) }
        var value = values[.key] ?? values[.paddedKey] ?? []
        if type == 0x3A { while value.last == 0xFF { value.removeLast() } }
        return try KeySlot(
            content: [
                type, values.byte(.use, default: profile.accessUnits.freeByte),
                values.byte(.change, default: 0xFF), values.byte(.next), values.byte(.counter),
            ] + value, identifier: identifier)
    }
}

extension [CommandTemplate.Field: [UInt8]] {
    /// The byte of the first of these fields that the template has; 0 when it has none.
    fileprivate func byte(_ fields: CommandTemplate.Field...) -> UInt8 {
        fields.lazy.compactMap { self[$0]?.first }.first ?? 0
    }

    /// The byte of a field, or what stands for it where the template has none.
    fileprivate func byte(_ field: CommandTemplate.Field, default value: UInt8) -> UInt8 {
        self[field]?.first ?? value
    }

    /// A field of two bytes, most significant first.
    fileprivate func number(_ field: CommandTemplate.Field) -> UInt16 {
        (self[field] ?? []).reduce(0) { $0 << 8 | UInt16($1) }
    }
}
