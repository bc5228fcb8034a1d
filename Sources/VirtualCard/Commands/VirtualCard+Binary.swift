import CardLayout
import ISO7816

/// READ BINARY and UPDATE BINARY (cos-dialects §6.2, §6.4), and what all file commands share.
extension VirtualCard {
    func readBinary(_ command: CommandAPDU) throws -> Result {
        guard command.data.isEmpty else { throw Refusal(.wrongLength) }
        let (file, offset) = try transparentFile(command)
        try demand(file.readRight)
        guard offset < file.bytes.count else { throw Refusal(.offsetOutside) }
        let rest = file.bytes.count - offset
        let expected = command.expectedLength ?? 256
        guard expected <= rest || expected == 256 else { throw Refusal(.correctLength(min(rest, 256))) }
        let count = min(expected, rest)
        return Result(
            data: Array(file.bytes[offset..<offset + count]), warning: file.isWritten ? nil : .dataMayBeCorrupted)
    }

    func updateBinary(_ command: CommandAPDU) throws -> Result {
        guard !command.data.isEmpty else { throw Refusal(.wrongLength) }
        let (file, offset) = try transparentFile(command)
        try demandWritable(file, command)
        guard offset + command.data.count <= file.bytes.count else { throw Refusal(.offsetOutside) }
        file.bytes.replaceSubrange(offset..<offset + command.data.count, with: command.data)
        file.isWritten = true
        isChanged = true
        return Result()
    }

    private func transparentFile(_ command: CommandAPDU) throws -> (FileNode, offset: Int) {
        let bySelection = command.p1 & 0x80 == 0
        let file = try file(shortIdentifier: bySelection ? 0 : command.p1 & 0x1F)
        guard file.kind == .transparent else { throw Refusal(.incompatibleFileStructure) }
        return (file, bySelection ? Int(command.p1) << 8 | Int(command.p2) : Int(command.p2))
    }

    /// The file of a short identifier, which becomes the current one; 0 stands for the current file.
    func file(shortIdentifier: UInt8) throws -> FileNode {
        let directory = try currentDirectory()
        if shortIdentifier == 0 {
            guard let file = session.file else { throw Refusal(.fileNotFound) }
            return file
        }
        guard let file = directory.file(shortIdentifier: shortIdentifier) else { throw Refusal(.fileNotFound) }
        session.file = file
        return file
    }

    func demandWritable(_ file: FileNode, _ command: CommandAPDU) throws {
        try demand(file.writeRight)
        // A file made for protected writing takes none in plain; plain ones take no protection.
        guard file.protection == 0 else { throw Refusal(.secureMessagingMissing) }
        guard command.cla & 0x04 == 0 else { throw Refusal(.secureMessagingIncorrect) }
    }
}
