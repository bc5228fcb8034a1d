import ByteText

/// The state file's bytes: magic `SSVC`, version, then everything in creation order; numbers most significant byte first.
///
/// Version 2 has what version 1 had, and of each directory its lock and its failures in a row.
extension CardMemory {
    private static let magic: [UInt8] = Array("SSVC".utf8)
    static let version: UInt16 = 2

    /// The memory as bytes; equal bytes mean an equal card.
    var encoded: [UInt8] {
        var bytes = Self.magic + Self.version.bigEndianBytes
        bytes.appendCounted(Array(profileName.utf8))
        bytes.appendCounted(answerToReset)
        bytes.append(isBlocked ? 1 : 0)
        bytes.append(masterFile == nil ? 0 : 1)
        if let masterFile { bytes.append(masterFile) }
        return bytes
    }

    /// Reads the memory.
    ///
    /// - Parameter trailer: how many bytes follow the memory, from version 2 on.
    init(encoded: [UInt8], trailer: Int = 0) throws(StateFileError) {
        do {
            var reader = ByteReader(encoded)
            guard try reader.take(4) == Self.magic else { throw StateFileError.notAStateFile }
            let version: UInt16 = try reader.takeInteger()
            guard (1...Self.version).contains(version) else { throw StateFileError.unknownVersion(Int(version)) }
            writtenVersion = version
            profileName = String(decoding: try reader.takeCounted(), as: UTF8.self)
            answerToReset = try reader.takeCounted()
            isBlocked = try reader.takeByte() != 0
            masterFile = try reader.takeByte() == 0 ? nil : try reader.takeDirectory(depth: 0, version: version)
            guard reader.remaining == (version == 1 ? 0 : trailer) else {
                throw StateFileError.damaged(offset: reader.offset)
            }
        } catch let error as StateFileError {
            throw error
        } catch {
            throw .damaged(offset: (error as? ByteReader.Exhausted)?.offset ?? 0)
        }
    }
}

extension [UInt8] {
    fileprivate mutating func append(_ directory: DirectoryNode) {
        append(contentsOf: directory.identifier.bigEndianBytes)
        appendCounted(directory.name)
        append(contentsOf: [directory.createRight, directory.eraseRight, directory.shortIdentifierByte])
        append(contentsOf: UInt32(directory.size).bigEndianBytes)
        append(contentsOf: [directory.lock.rawValue, directory.failuresInARow])
        append(directory.keyFile == nil ? 0 : 1)
        if let keyFile = directory.keyFile {
            append(contentsOf: UInt32(keyFile.capacity).bigEndianBytes)
            append(keyFile.addRight)
            append(contentsOf: UInt16(keyFile.slots.count).bigEndianBytes)
            for slot in keyFile.slots {
                append(contentsOf: [
                    slot.type, slot.identifier, slot.useRight, slot.changeRight, slot.nextState, slot.counter,
                ])
                appendCounted(slot.value)
            }
        }
        append(contentsOf: UInt16(directory.files.count).bigEndianBytes)
        for file in directory.files { append(file) }
        append(contentsOf: UInt16(directory.children.count).bigEndianBytes)
        for child in directory.children { append(child) }
    }

    fileprivate mutating func append(_ file: FileNode) {
        append(contentsOf: file.identifier.bigEndianBytes)
        append(contentsOf: [file.kind.rawValue, file.protection, file.readRight, file.writeRight, file.control])
        append(contentsOf: UInt32(file.capacity).bigEndianBytes)
        append(UInt8(truncatingIfNeeded: file.recordLength))
        append(UInt8(truncatingIfNeeded: file.recordRights.count))
        for (tag, right) in file.recordRights.sorted(by: { $0.key < $1.key }) { append(contentsOf: [tag, right]) }
        append(file.isWritten ? 1 : 0)
        appendCounted(file.isWritten ? file.bytes : [])
        append(contentsOf: UInt16(file.records.count).bigEndianBytes)
        for record in file.records { appendCounted(record) }
    }
}

extension ByteReader {
    fileprivate mutating func takeByte() throws -> UInt8 { try takeInteger(UInt8.self) }

    fileprivate mutating func takeDirectory(depth: Int, version: UInt16) throws -> DirectoryNode {
        guard depth < 4 else { throw StateFileError.damaged(offset: offset) }
        let identifier: UInt16 = try takeInteger()
        let name = try takeCounted()
        let rights = try take(3)
        let directory = DirectoryNode(
            identifier: identifier, name: name, createRight: rights[0], eraseRight: rights[1],
            size: Int(try takeInteger(UInt32.self)), shortIdentifierByte: rights[2])
        if version > 1 {
            guard let lock = DirectoryNode.Lock(rawValue: try takeByte()) else {
                throw StateFileError.damaged(offset: offset)
            }
            directory.lock = lock
            directory.failuresInARow = try takeByte()
            guard directory.failuresInARow <= DirectoryNode.mostFailuresInARow else {
                throw StateFileError.damaged(offset: offset)
            }
        }
        if try takeByte() != 0 {
            var keyFile = KeyFile(capacity: Int(try takeInteger(UInt32.self)), addRight: try takeByte())
            for _ in 0..<(try takeInteger(UInt16.self)) {
                let head = try take(6)
                keyFile.slots.append(
                    KeySlot(
                        type: head[0], identifier: head[1], useRight: head[2], changeRight: head[3],
                        nextState: head[4], counter: head[5], value: try takeCounted()))
            }
            directory.keyFile = keyFile
        }
        for _ in 0..<(try takeInteger(UInt16.self)) { directory.files.append(try takeFile()) }
        for _ in 0..<(try takeInteger(UInt16.self)) {
            directory.add(try takeDirectory(depth: depth + 1, version: version))
        }
        return directory
    }

    fileprivate mutating func takeFile() throws -> FileNode {
        let identifier: UInt16 = try takeInteger()
        let head = try take(5)
        guard let kind = FileNode.Kind(rawValue: head[0]) else { throw StateFileError.damaged(offset: offset) }
        let capacity = Int(try takeInteger(UInt32.self))
        guard capacity <= 0xFFFF else { throw StateFileError.damaged(offset: offset) }
        let recordLength = Int(try takeByte())
        var recordRights: [UInt8: UInt8] = [:]
        for _ in 0..<(try takeByte()) {
            let pair = try take(2)
            recordRights[pair[0]] = pair[1]
        }
        let file = FileNode(
            identifier: identifier, kind: kind, protection: head[1], capacity: capacity, recordLength: recordLength,
            readRight: head[2], writeRight: head[3], control: head[4], recordRights: recordRights)
        file.isWritten = try takeByte() != 0
        let bytes = try takeCounted()
        if file.isWritten { file.bytes = bytes }
        for _ in 0..<(try takeInteger(UInt16.self)) { file.records.append(try takeCounted()) }
        return file
    }
}
