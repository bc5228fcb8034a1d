import ByteText
import CardLayout
import ISO7816

/// SELECT (cos-dialects §6.1, §3.2).
extension VirtualCard {
    func select(_ command: CommandAPDU) throws -> Result {
        switch (command.p1, command.p2) {
        case (0x00, 0x00), (0x02, 0x00):
            if command.data.isEmpty { return try selectDirectory(0x3F00) }
            guard let identifier = UInt16(bigEndianBytes: command.data) else { throw Refusal(.wrongLength) }
            // The directory itself comes first; a file that shares its identifier is reached by P1 02 alone.
            let isDirectoryItself = command.p1 == 0x00 && session.directory?.identifier == identifier
            if !isDirectoryItself, let file = session.directory?.files.first(where: { $0.identifier == identifier }) {
                session.file = file
                return Result()
            }
            guard command.p1 == 0x00 else { throw Refusal(.fileNotFound) }
            return try selectDirectory(identifier)
        case (0x04, 0x00):
            guard (5...16).contains(command.data.count) else { throw Refusal(.wrongLength) }
            guard let directory = reachable(byName: true).first(where: { $0.name == command.data }) else {
                throw Refusal(memory.masterFile == nil ? .functionNotSupported : .fileNotFound)
            }
            return try enter(directory)
        case (0x04, 0x02) where profile.selectsNextDirectory:
            guard (5...16).contains(command.data.count) else { throw Refusal(.wrongLength) }
            let next = reachable(byName: true).first { $0.name == command.data && $0 !== session.directory }
            guard let next else { throw Refusal(memory.masterFile == nil ? .functionNotSupported : .fileNotFound) }
            return try enter(next)
        default:
            throw Refusal(.incorrectParameters)
        }
    }

    private func selectDirectory(_ identifier: UInt16) throws -> Result {
        guard let directory = reachable(byName: false).first(where: { $0.identifier == identifier }) else {
            throw Refusal(memory.masterFile == nil ? .functionNotSupported : .fileNotFound)
        }
        return try enter(directory)
    }

    /// The current directory, its children, its siblings, and the MF from anywhere; by name also what the MF holds.
    private func reachable(byName: Bool) -> [DirectoryNode] {
        guard let masterFile = memory.masterFile else { return [] }
        let current = session.directory ?? masterFile
        return [current] + current.children + (current.parent?.children ?? []) + [masterFile]
            + (byName ? masterFile.children : [])
    }

    private func enter(_ directory: DirectoryNode) throws -> Result {
        // one brand opens nothing before its master file was selected (card.md §2.8)
        guard !profile.selectsMasterFileFirst || session.hasSelectedMaster || directory === memory.masterFile else {
            throw Refusal(.fileNotFound)
        }
        if directory === memory.masterFile { session.hasSelectedMaster = true }
        session.enter(directory, isMaster: directory === memory.masterFile)
        // a locked application is entered all the same, so that it can be unlocked (cos-dialects §6.1)
        guard directory.lock == .open else { throw Refusal(.functionNotSupported) }
        return Result(data: fileControlInformation(of: directory))
    }

    private func fileControlInformation(of directory: DirectoryNode) -> [UInt8] {
        let byte = directory.shortIdentifierByte
        guard byte != 0xFF else { return [] }
        let file = directory.file(shortIdentifier: byte & 0x1F)
        let content = file.map { $0.isWritten ? $0.bytes : [] } ?? []
        let proprietary: [UInt8] =
            switch byte >> 5 {
            case 0b000: [0x88, 0x01, byte]
            case 0b100: content.isEmpty ? [] : [0x9F, 0x0C, UInt8(truncatingIfNeeded: content.count)] + content
            default: content
            }
        let name = [0x84, UInt8(truncatingIfNeeded: directory.name.count)] + directory.name
        // Lengths have one byte: content that does not fit is left out like content that is not there.
        let isStated = !proprietary.isEmpty && name.count + 2 + proprietary.count <= 0x7F
        let template = isStated ? [0xA5, UInt8(truncatingIfNeeded: proprietary.count)] + proprietary : []
        return [0x6F, UInt8(truncatingIfNeeded: name.count + template.count)] + name + template
    }
}
