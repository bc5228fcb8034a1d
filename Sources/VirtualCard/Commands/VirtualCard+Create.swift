import ByteText
import CardLayout
import ISO7816

/// ERASE DF and CREATE FILE (cos-dialects §3.1).
extension VirtualCard {
    func eraseDirectory(_ command: CommandAPDU) throws -> Result {
        guard command.p1 == 0, command.p2 == 0 else { throw Refusal(.incorrectParameters) }
        guard command.data.isEmpty else { throw Refusal(.wrongLength) }
        guard let directory = session.directory else { return Result() }
        // TimeCOS erases the whole card only; a single file or directory goes by 00 E4.
        guard profile.family == .fmcos || isInMasterFile else { throw Refusal(.functionNotSupported) }
        try demand(directory.eraseRight)
        eraseContent(of: directory)
        return Result()
    }

    func eraseContent(of directory: DirectoryNode) {
        directory.erase()
        session.file = nil
        session.isFree = true
        isChanged = true
    }

    /// TimeCOS: DELETE one file or directory below the current one (cos-dialects §3.4).
    func deleteFile(_ command: CommandAPDU) throws -> Result {
        guard profile.family == .timecos else { throw Refusal(.instructionNotSupported) }
        guard command.p1 == 0, command.p2 == 0 else { throw Refusal(.incorrectParameters) }
        guard command.data.count == 2 else { throw Refusal(.wrongLength) }
        let directory = try currentDirectory()
        try demand(directory.eraseRight)
        let identifier = UInt16(command.data[0]) << 8 | UInt16(command.data[1])
        guard
            directory.files.contains(where: { $0.identifier == identifier })
                || directory.children.contains(where: { $0.identifier == identifier })
        else { throw Refusal(.fileNotFound) }
        directory.remove(identifier)
        if session.file?.identifier == identifier { session.file = nil }
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
        try makeMasterFile(createRight: data[3], eraseRight: data[4], shortIdentifierByte: data[5])
    }

    func makeMasterFile(createRight: UInt8, eraseRight: UInt8, shortIdentifierByte: UInt8) throws {
        if let masterFile = memory.masterFile {
            guard masterFile.isEmpty else { throw Refusal(profile.fileExists) }
            guard isInMasterFile else { throw Refusal(.securityStatusNotSatisfied) }
        }
        let masterFile = DirectoryNode(
            identifier: 0x3F00, name: Self.masterFileName, createRight: createRight, eraseRight: eraseRight,
            size: profile.memorySize, shortIdentifierByte: shortIdentifierByte)
        memory.masterFile = masterFile
        session.enter(masterFile, isMaster: true)
        session.hasSelectedMaster = true
    }

    static var masterFileName: [UInt8] { Array("1PAY.SYS.DDF01".utf8) }

    private func createDirectory(_ identifier: UInt16, _ data: [UInt8]) throws {
        guard (13...24).contains(data.count) else { throw Refusal(.wrongLength) }
        try make(
            DirectoryNode(
                identifier: identifier, name: Array(data[8...]), createRight: data[3], eraseRight: data[4],
                size: Int(data[1]) << 8 | Int(data[2]), shortIdentifierByte: data[5]))
    }

    func make(_ directory: DirectoryNode) throws {
        let parent = try currentDirectory()
        try demand(parent.createRight)
        guard parent.depth < 2 else { throw Refusal(.wrongData) }
        try refuseDuplicate(directory.identifier, in: parent)
        guard !parent.children.contains(where: { $0.name == directory.name }) else {
            throw Refusal(profile.fileExists)
        }
        let least = profile.fileHeaderSize + directory.name.count
        try demandRoom(directory.size == 0 ? least : directory.size, in: parent)
        parent.add(directory)
    }

    private func createKeyFile(_ data: [UInt8]) throws {
        guard data.count == 7 else { throw Refusal(.wrongLength) }
        try make(KeyFile(capacity: Int(data[1]) << 8 | Int(data[2]), addRight: data[4]))
        // TimeCOS names the application file in its key file, not in the directory's own information.
        if profile.family == .timecos { try currentDirectory().shortIdentifierByte = data[3] }
    }

    func make(_ keyFile: KeyFile) throws {
        let parent = try currentDirectory()
        try demand(parent.createRight)
        // The key file is the first file of its directory, and the only one.
        guard parent.isEmpty else { throw Refusal(profile.fileExists) }
        try demandRoom(profile.fileHeaderSize + keyFile.capacity, in: parent)
        parent.keyFile = keyFile
    }

    private func createFile(_ identifier: UInt16, _ data: [UInt8]) throws {
        // Beyond the seven bytes of FMCOS: pairs of record tag and read right, where the profile has record rules.
        guard data.count >= 7, data.count % 2 == 1, data.count == 7 || profile.hasRecordRules else {
            throw Refusal(.wrongLength)
        }
        guard let kind = FileNode.Kind(rawValue: data[0] & 0x3F) else { throw Refusal(.wrongData) }
        let first = Int(data[1])
        let second = Int(data[2])
        let hasRecords = kind == .fixedRecord || kind == .cyclic
        guard !hasRecords || (first >= 2 && second > 0) else { throw Refusal(.wrongData) }
        // a wallet has one size, and no protected form
        let isWallet = kind == .wallet
        guard !isWallet || (first == 0x02 && second == 0x08 && data[0] & 0xC0 == 0) else { throw Refusal(.wrongData) }
        var recordRights: [UInt8: UInt8] = [:]
        for offset in stride(from: 7, to: data.count, by: 2) { recordRights[data[offset]] = data[offset + 1] }
        try make(
            FileNode(
                identifier: identifier, kind: kind, protection: data[0] & 0xC0,
                capacity: isWallet ? Self.walletSize : hasRecords ? first : first << 8 | second,
                recordLength: hasRecords ? second : 0,
                readRight: data[3], writeRight: data[4], control: data[6], recordRights: recordRights))
    }

    func make(_ file: FileNode) throws {
        let parent = try currentDirectory()
        try demand(parent.createRight)
        try refuseDuplicate(file.identifier, in: parent)
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
        // A directory without a size of its own shares what the one above it has.
        var holder = parent
        while holder.size == 0, let above = holder.parent { holder = above }
        let used = holder.usedSpace(headerSize: profile.fileHeaderSize)
        guard used + size <= holder.size else { throw Refusal(.notEnoughMemory) }
    }
}
