import CardData

/// A directory with everything that creating it takes.
public struct CompiledDirectory: Hashable, Sendable {
    /// `MF`, `SSSE`, `DF01` and on.
    public let name: String
    /// The two-byte file identifier.
    public let identifier: UInt16
    /// The directory of the layout; nil for the master file.
    public let directory: Directory?
    /// Its rights, states and keys.
    public let security: DirectorySecurity
    /// The transparent file whose content SELECT answers in 9F0C, when the DF short identifier asks for one; nil else.
    public let informationFile: CompiledFile?
    /// What the information file holds: `86 01` and the algorithm of the card's keys, or the whole template of SELECT with them; empty when
    /// there is none.
    public let informationContent: [UInt8]
    /// The files that the card operating system itself works with, where the profile makes such.
    public let systemFiles: [SystemFile]
    /// The elementary files of the layout in the order they are created.
    public let files: [CompiledFile]
    /// Bytes of all key records.
    public let keyFileSize: Int
    /// Bytes of card memory: header, name, key file, files and all directories below.
    public let space: Int

    /// The information file where it is none of the ``systemFiles``: the card makes the template of it by itself.
    public var otherInformationFile: CompiledFile? {
        systemFiles.contains { $0.role == .information } ? nil : informationFile
    }

    /// The compiled file of that name.
    public func file(_ name: String) -> CompiledFile? { files.first { $0.name == name } }

    /// Throws every rule of its files that the profile cannot express.
    ///
    /// - Parameters:
    ///   - children: the directories in it.
    ///   - spaceBelow: bytes that they take.
    init(
        name: String, identifier: UInt16, directory: Directory?, security: DirectorySecurity, profile: COSProfile,
        children: [Directory], spaceBelow: Int
    ) throws(Faults) {
        var faults = FaultCollector()
        var files: [CompiledFile] = []
        for file in directory?.files ?? [] where file.isCreated && profile.carries(file) {
            let compiled = faults.attempt { () throws(Faults) in
                try CompiledFile(file, in: security, profile: profile)
            }
            if let compiled { files.append(compiled) }
        }
        try faults.check()
        self.name = name
        self.identifier = identifier
        self.directory = directory
        self.security = security
        self.files = files
        keyFileSize = security.keys.reduce(0) { $0 + $1.contentLength + profile.keyRecordOverhead }
        let (information, content) = Self.information(of: directory, security, profile)
        informationFile = information
        informationContent = content
        systemFiles = Self.systemFiles(of: security, listing: children, information: information, content, profile)
        space =
            profile.fileHeaderSize + (directory?.dedicatedFileName?.count ?? 0)
            + profile.fileHeaderSize + keyFileSize + (informationFile?.space ?? 0)
            + systemFiles.reduce(0) { $0 + ($1.role == .information ? 0 : $1.file.space) }
            + files.reduce(0) { $0 + $1.space } + spaceBelow
    }

    /// Short identifiers `100xxxxx` and `110xxxxx` point at the file that SELECT answers from (cos-dialects §3.2).
    ///
    /// With the first the card puts the content into 9F0C, with the second it stands there as a template of its own: for an application with
    /// 9F0C, for the master file with the short identifier of its list of applications in 88.
    private static func information(
        of directory: Directory?, _ security: DirectorySecurity, _ profile: COSProfile
    ) -> (CompiledFile?, [UInt8]) {
        let byte = security.shortIdentifierByte
        guard byte & 0xE0 == 0x80 || byte & 0xE0 == 0xC0 else { return (nil, []) }
        var content: [UInt8] = [0x86, 0x01, profile.algorithm.rawValue]
        if byte & 0xE0 == 0xC0 {
            let list = security.directoryFile.map { UInt8($0.identifier & 0x1F) } ?? 0x00
            content = directory == nil ? [0x88, 0x01, list] : [0x9F, 0x0C, UInt8(content.count)] + content
        }
        let file = CompiledFile(
            identifier: UInt16(byte & 0x1F), file: nil, structure: .transparent(size: content.count),
            readByte: profile.accessUnits.freeByte, writeByte: security.createRight, recordReadBytes: [:],
            bodySize: content.count, space: content.count + profile.fileHeaderSize)
        return (file, content)
    }
}

extension KeyRecord {
    /// Bytes of the key or PIN in its record.
    public var contentLength: Int { isPIN ? 8 : 16 }
}

extension ElementaryFile {
    /// False for files that are described for reference only.
    public var isCreated: Bool { availability != .reference }
}

extension Directory {
    /// True when at least one of its files is created.
    public var isCreated: Bool { files.contains(where: \.isCreated) }
}
