import ByteText

/// The state file's bytes: magic `SSVG`, version, then everything by ascending version, AID and identifier; numbers most significant
/// byte first, each byte string behind its length of four bytes. A SHA-256 over all of it follows in the file.
extension GlobalPlatformCardContent {
    private static let magic: [UInt8] = Array("SSVG".utf8)
    private static let version: UInt16 = 1
    /// So many that the list of their keys (GET DATA 00E0) fits one answer.
    static let mostKeySets = 10

    /// Whether a state file is one of a GlobalPlatform card.
    static func isImage(_ bytes: [UInt8]) -> Bool { bytes.starts(with: magic) }

    /// Bytes of all groupings.
    var dataLength: Int {
        instances.values.reduce(0) { $0 + $1.groupings.values.reduce(0) { $0 + $1.count } }
    }

    /// The content as bytes; equal bytes mean an equal card.
    var encoded: [UInt8] {
        var bytes = Self.magic + Self.version.bigEndianBytes
        bytes.appendCounted(Array(profileName.utf8))
        bytes.appendCounted(answerToReset)
        bytes.appendCounted(keyData)
        bytes += [failedAuthentications, lifeCycle, defaultKeyVersion] + sequenceCounter.bigEndianBytes
        bytes.append(UInt8(keySets.count))
        for (version, set) in keySets.sorted(by: { $0.key < $1.key }) {
            bytes.append(version)
            for key in [set.encryption, set.mac, set.dataEncryption] { bytes.appendCounted(key) }
        }
        bytes += UInt16(loadFiles.count).bigEndianBytes
        for (name, modules) in loadFiles.sorted(by: { $0.key.lexicographicallyPrecedes($1.key) }) {
            bytes.appendCounted(name)
            bytes += UInt16(modules.count).bigEndianBytes
            modules.forEach { bytes.appendCounted($0) }
        }
        bytes += UInt16(instances.count).bigEndianBytes
        for (name, instance) in instances.sorted(by: { $0.key.lexicographicallyPrecedes($1.key) }) {
            for field in [name, instance.loadFile, instance.module, instance.privileges] { bytes.appendCounted(field) }
            bytes.append(instance.lifeCycle)
            bytes += UInt16(instance.groupings.count).bigEndianBytes
            for (identifier, value) in instance.groupings.sorted(by: { $0.key < $1.key }) {
                bytes += identifier.bigEndianBytes
                bytes.appendCounted(value)
            }
        }
        return bytes
    }

    /// Reads a content.
    init(encoded: [UInt8]) throws(StateFileError) {
        var reader = ByteReader(encoded)
        do {
            guard try reader.take(4) == Self.magic else { throw StateFileError.notAStateFile }
            let version: UInt16 = try reader.takeInteger()
            guard version == Self.version else { throw StateFileError.unknownVersion(Int(version)) }
            profileName = String(decoding: try reader.takeCounted(), as: UTF8.self)
            answerToReset = try reader.takeCounted()
            keyData = try reader.takeCounted()
            failedAuthentications = try reader.takeInteger()
            lifeCycle = try reader.takeInteger()
            defaultKeyVersion = try reader.takeInteger()
            sequenceCounter = try reader.takeInteger()
            keySets = [:]
            for _ in 0..<(try reader.takeInteger(UInt8.self)) {
                let version: UInt8 = try reader.takeInteger()
                keySets[version] = KeySet(
                    encryption: try reader.takeKey(), mac: try reader.takeKey(), dataEncryption: try reader.takeKey())
            }
            guard keySets.count <= Self.mostKeySets else { throw StateFileError.damaged(offset: reader.offset) }
            loadFiles = [:]
            for _ in 0..<(try reader.takeInteger(UInt16.self)) {
                let name = try reader.takeCounted()
                var modules: [[UInt8]] = []
                for _ in 0..<(try reader.takeInteger(UInt16.self)) { modules.append(try reader.takeCounted()) }
                loadFiles[name] = modules
            }
            for _ in 0..<(try reader.takeInteger(UInt16.self)) {
                let name = try reader.takeCounted()
                guard (5...16).contains(name.count) else { throw StateFileError.damaged(offset: reader.offset) }
                instances[name] = try reader.takeInstance()
            }
            guard reader.remaining == 0 else { throw StateFileError.damaged(offset: reader.offset) }
        } catch let error as StateFileError {
            throw error
        } catch {
            throw .damaged(offset: reader.offset)
        }
    }
}

extension ByteReader {
    /// A key of 3DES or AES.
    fileprivate mutating func takeKey() throws -> [UInt8] {
        let key = try takeCounted()
        guard [16, 24, 32].contains(key.count) else { throw StateFileError.damaged(offset: offset) }
        return key
    }

    fileprivate mutating func takeInstance() throws(Exhausted) -> GlobalPlatformCardContent.Instance {
        let loadFile = try takeCounted()
        let module = try takeCounted()
        let privileges = try takeCounted()
        var instance = GlobalPlatformCardContent.Instance(
            lifeCycle: try takeInteger(), loadFile: loadFile, module: module, privileges: privileges)
        for _ in 0..<(try takeInteger(UInt16.self)) {
            let identifier: UInt16 = try takeInteger()
            instance.groupings[identifier] = try takeCounted()
        }
        return instance
    }
}
