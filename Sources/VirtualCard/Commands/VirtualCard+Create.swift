import ByteText
import CardLayout
import ISO7816

/// ERASE DF and CREATE FILE (cos-dialects §3.1).
extension VirtualCard {
    func eraseDirectory(_ command: CommandAPDU) throws -> Result {
        guard command.p1 == 0, command.p2 == 0 else { throw Refusal(.incorrectParameters) }
        guard command.data.isEmpty else { throw Refusal(.wrongLength) }
        guard let directory = session.directory else { return Result() }
        try demand(directory.eraseRight)
        directory.erase()
        session.file = nil
        session.isFree = true
        isChanged = true
        return Result()
    }

    func create(_ command: CommandAPDU) throws -> Result {
        let identifier = UInt16(command.p1) << 8 | UInt16(command.p2)
        guard let type = command.data.first else { throw Refusal(.wrongLength) }
        switch type {
        case 0x38 where identifier == 0x3F00: try createMasterFile(command.data)
        case 0x38: try createDirectory(identifier, command.data)
        case 0x3F: try createKeyFile(command.data)
        default: try createFile(identifier, command.data)
        }
        isChanged = true
        return Result()
    }

    private func createMasterFile(_ data: [UInt8]) throws {
        guard data.count == 13 else { throw Refusal(.wrongLength) }
        if let masterFile = memory.masterFile {
            guard masterFile.isEmpty else { throw Refusal(profile.fileExists) }
            guard isInMasterFile else { throw Refusal(.securityStatusNotSatisfied) }
        }
        let masterFile = DirectoryNode(
            identifier: 0x3F00, name: Array("1PAY.SYS.DDF01".utf8), createRight: data[3], eraseRight: data[4],
            size: profile.memorySize, shortIdentifierByte: data[5])
        memory.masterFile = masterFile
        session.enter(masterFile, isMaster: true)
    }

    private func createDirectory(_ identifier: UInt16, _ data: [UInt8]) throws {
        guard (13...24).contains(data.count) else { throw Refusal(.wrongLength) }
        let parent = try currentDirectory()
        try demand(parent.createRight)
        guard parent.depth < 2 else { throw Refusal(.wrongData) }
        try refuseDuplicate(identifier, in: parent)
        let name = Array(data[8...])
        guard !parent.children.contains(where: { $0.name == name }) else { throw Refusal(profile.fileExists) }
        let directory = DirectoryNode(
            identifier: identifier, name: name, createRight: data[3], eraseRight: data[4],
            size: Int(data[1]) << 8 | Int(data[2]), shortIdentifierByte: data[5])
        try demandRoom(directory.size, in: parent)
        parent.add(directory)
    }

    private func createKeyFile(_ data: [UInt8]) throws {
        guard data.count == 7 else { throw Refusal(.wrongLength) }
        let parent = try currentDirectory()
        try demand(parent.createRight)
        // The key file is the first file of its directory, and the only one.
        guard parent.isEmpty else { throw Refusal(profile.fileExists) }
        let keyFile = KeyFile(capacity: Int(data[1]) << 8 | Int(data[2]), addRight: data[4])
        try demandRoom(profile.fileHeaderSize + keyFile.capacity, in: parent)
        parent.keyFile = keyFile
    }

    private func createFile(_ identifier: UInt16, _ data: [UInt8]) throws {
        // Beyond the seven bytes of FMCOS: pairs of record tag and read right, where the profile has record rules.
        guard data.count >= 7, data.count % 2 == 1, data.count == 7 || profile.hasRecordRules else {
            throw Refusal(.wrongLength)
        }
        guard let kind = FileNode.Kind(rawValue: data[0] & 0x3F) else { throw Refusal(.wrongData) }
        let parent = try currentDirectory()
        try demand(parent.createRight)
        try refuseDuplicate(identifier, in: parent)
        let first = Int(data[1])
        let second = Int(data[2])
        let hasRecords = kind == .fixedRecord || kind == .cyclic
        guard !hasRecords || (first >= 2 && second > 0) else { throw Refusal(.wrongData) }
        // a wallet has one size, and no protected form
        let isWallet = kind == .wallet
        guard !isWallet || (first == 0x02 && second == 0x08 && data[0] & 0xC0 == 0) else { throw Refusal(.wrongData) }
        var recordRights: [UInt8: UInt8] = [:]
        for offset in stride(from: 7, to: data.count, by: 2) { recordRights[data[offset]] = data[offset + 1] }
        let file = FileNode(
            identifier: identifier, kind: kind, protection: data[0] & 0xC0,
            capacity: isWallet ? Self.walletSize : hasRecords ? first : first << 8 | second, recordLength: hasRecords ? second : 0,
            readRight: data[3], writeRight: data[4], control: data[6], recordRights: recordRights)
        try demandRoom(profile.fileHeaderSize + file.bodySize, in: parent)
        parent.files.append(file)
    }

    private func refuseDuplicate(_ identifier: UInt16, in parent: DirectoryNode) throws {
        guard
            identifier != 0x3F00, !parent.files.contains(where: { $0.identifier == identifier }),
            !parent.children.contains(where: { $0.identifier == identifier })
        else { throw Refusal(profile.fileExists) }
    }

    private func demandRoom(_ size: Int, in parent: DirectoryNode) throws {
        let used = parent.usedSpace(headerSize: profile.fileHeaderSize)
        guard used + size <= parent.size else { throw Refusal(.notEnoughMemory) }
    }
}
