import CardLayout
import ISO7816

/// READ BINARY and UPDATE BINARY (cos-dialects §6.2, §6.4), and what all file commands share.
extension VirtualCard {
    func readBinary(_ command: CommandAPDU) throws -> Result {
        let (file, offset) = try transparentFile(command)
        try demand(file.readRight)
        let exchange = try demandReadable(file, command)
        guard offset < file.bytes.count else { throw Refusal(.offsetOutside) }
        let rest = file.bytes.count - offset
        let expected = exchange.expectedLength ?? exchange.largestAnswer
        guard expected <= min(rest, exchange.largestAnswer) || exchange.expectedLength == nil else {
            throw Refusal(.correctLength(exchange.answerLength(min(rest, exchange.largestAnswer))))
        }
        return Result(
            data: try exchange.answer(Array(file.bytes[offset..<offset + min(expected, rest)])),
            warning: file.isWritten ? nil : .dataMayBeCorrupted)
    }

    func updateBinary(_ command: CommandAPDU) throws -> Result {
        guard !command.data.isEmpty else { throw Refusal(.wrongLength) }
        let (file, offset) = try transparentFile(command)
        let data = try writtenData(of: command, to: file)
        guard offset + data.count <= file.bytes.count else { throw Refusal(.offsetOutside) }
        file.bytes.replaceSubrange(offset..<offset + data.count, with: data)
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
}
