import ByteText

/// All that a virtual PSAM keeps without power.
struct PSAMMemory: Equatable {
    /// One key of a key file.
    struct Key: Equatable {
        /// The key file; 0 for the module's own master key.
        let file: UInt16
        /// High three bits: how many factors lead to a card; low five: the kind.
        let use: UInt8
        let identifier: UInt8
        let version: UInt8
        /// The COS's code of its algorithm.
        let algorithm: UInt8
        var value: [UInt8]
    }

    /// The profile's name, so that a state file is opened under the rules it was made with.
    let profileName: String
    let answerToReset: [UInt8]
    /// The elementary files by their identifiers; FF where nothing was written.
    var files: [UInt16: [UInt8]]
    var keys: [Key]
    var masterTriesLeft: Int

    /// The module's own master key.
    var master: Key? { keys.first { $0.file == 0 } }

    /// The key of a file by its whole use byte and its identifier.
    func key(in file: UInt16, use: UInt8, identifier: UInt8) -> Key? {
        keys.first { $0.file == file && $0.use == use && $0.identifier == identifier }
    }

    /// Puts a key in, in the place of one with the same file, use and identifier.
    mutating func put(_ key: Key) {
        keys.removeAll { old in
            old.file == key.file && (key.file == 0 || (old.use == key.use && old.identifier == key.identifier))
        }
        keys.append(key)
    }
}

/// The state file's bytes: magic `SSVP`, version, then everything; numbers most significant byte first. A SHA-256 over all of it
/// follows in the file.
extension PSAMMemory {
    static let magic: [UInt8] = Array("SSVP".utf8)
    private static let version: UInt16 = 1

    /// The memory as bytes.
    var encoded: [UInt8] {
        var bytes = Self.magic + Self.version.bigEndianBytes
        bytes.appendCounted(Array(profileName.utf8), by: UInt16.self)
        bytes.appendCounted(answerToReset, by: UInt16.self)
        bytes.append(UInt8(truncatingIfNeeded: masterTriesLeft))
        bytes += UInt16(files.count).bigEndianBytes
        for (identifier, content) in files.sorted(by: { $0.key < $1.key }) {
            bytes += identifier.bigEndianBytes
            bytes.appendCounted(content, by: UInt16.self)
        }
        bytes += UInt16(keys.count).bigEndianBytes
        for key in keys {
            bytes += key.file.bigEndianBytes + [key.use, key.identifier, key.version, key.algorithm]
            bytes.appendCounted(key.value, by: UInt16.self)
        }
        return bytes
    }

    /// Reads the memory from a state file's bytes; throws `notAStateFile`, `unknownVersion`, `damaged` and `checksum`.
    init(stateFile bytes: [UInt8]) throws(StateFileError) {
        guard bytes.starts(with: Self.magic) else { throw .notAStateFile }
        do {
            var head = ByteReader(Array(bytes.dropFirst(Self.magic.count)))
            let version: UInt16 = try head.takeInteger()
            guard version == Self.version else { throw StateFileError.unknownVersion(Int(version)) }
            var reader = ByteReader(try StateFile.checked(bytes))
            _ = try reader.take(Self.magic.count + 2)
            profileName = String(decoding: try reader.takeCounted(by: UInt16.self), as: UTF8.self)
            answerToReset = try reader.takeCounted(by: UInt16.self)
            masterTriesLeft = Int(try reader.takeInteger(UInt8.self))
            files = [:]
            for _ in 0..<(try reader.takeInteger(UInt16.self)) {
                let identifier: UInt16 = try reader.takeInteger()
                files[identifier] = try reader.takeCounted(by: UInt16.self)
            }
            keys = []
            for _ in 0..<(try reader.takeInteger(UInt16.self)) {
                let file: UInt16 = try reader.takeInteger()
                let head = try reader.take(4)
                keys.append(
                    Key(
                        file: file, use: head[0], identifier: head[1], version: head[2], algorithm: head[3],
                        value: try reader.takeCounted(by: UInt16.self)))
            }
            guard reader.remaining == 0 else { throw StateFileError.damaged(offset: reader.offset) }
        } catch let error as StateFileError {
            throw error
        } catch {
            throw .damaged(offset: (error as? ByteReader.Exhausted)?.offset ?? 0)
        }
    }
}
