import ByteText
import CardCryptography
import CardData

/// An elementary file with everything that creating it takes.
public struct CompiledFile: Hashable, Sendable {
    /// The two-byte file identifier.
    public let identifier: UInt16
    /// The file of the layout; nil for the file that holds the directory's FCI data.
    public let file: ElementaryFile?
    /// How it keeps its content.
    public let structure: ElementaryFile.Structure
    /// The access byte for reading.
    public let readByte: UInt8
    /// The access byte for writing.
    public let writeByte: UInt8
    /// The access bytes for reading single records, by tag, where they differ from the file's.
    public let recordReadBytes: [UInt8: UInt8]
    /// How its commands are protected on the line; nil for plain ones, and where applications keep such rules themselves.
    public let protection: Protection?
    /// Bytes of content: the size of a transparent file, the records of a variable-record file with tags and lengths, else
    /// count × (length + 1).
    public let bodySize: Int
    /// Bytes of card memory with the file header.
    public let space: Int

    /// The name of the layout, or the identifier.
    public var name: String { file?.name ?? identifier.hexadecimal }

    /// A file of the layout in a directory with these states; throws every rule that the profile cannot express
    /// and every length that does not add up.
    init(_ file: ElementaryFile, in security: DirectorySecurity, profile: COSProfile) throws(Faults) {
        var faults = FaultCollector()
        guard profile.hasAccessRules else {
            file.lengthFaults(longest: profile.longestTravellingRecord).forEach { faults.add($0) }
            try faults.check()
            self.init(
                identifier: file.identifier, file: file, structure: file.structure,
                readByte: profile.accessUnits.freeByte, writeByte: AccessRuleCompiler.forbidden, recordReadBytes: [:],
                bodySize: file.bodySize, space: file.bodySize + profile.fileHeaderSize)
            return
        }
        let read = faults.attempt { () throws(Faults) in
            try AccessRuleCompiler.accessByte(
                for: file.read, in: security, units: profile.accessUnits, place: file.place)
        }
        let write = faults.attempt { () throws(Faults) in
            try AccessRuleCompiler.accessByte(
                for: file.write, in: security, units: profile.accessUnits, place: file.place)
        }
        var records: [UInt8: UInt8] = [:]
        for element in file.elements {
            guard let rule = element.read else { continue }
            guard profile.hasRecordRules, let tag = element.tag else {
                faults.add(
                    "layout.record-rule-not-expressible", ["name": element.name, "profile": profile.name],
                    at: element.place)
                continue
            }
            records[tag] = faults.attempt { () throws(Faults) in
                try AccessRuleCompiler.accessByte(
                    for: rule, in: security, units: profile.accessUnits, place: element.place)
            }
        }
        let protection = faults.attempt { () throws(Faults) in
            try Self.protection(of: file, in: security, profile: profile)
        }
        file.lengthFaults(longest: Self.longestRecord(profile, protection ?? nil)).forEach { faults.add($0) }
        let body = file.bodySize
        if body > 0x7FFF {
            faults.add("layout.file-too-large", ["file": file.name, "size": String(body)], at: file.place)
        }
        try faults.check()
        self.init(
            identifier: file.identifier, file: file, structure: file.structure,
            readByte: read ?? AccessRuleCompiler.forbidden, writeByte: write ?? AccessRuleCompiler.forbidden,
            recordReadBytes: records, protection: protection ?? nil, bodySize: body,
            space: body + profile.fileHeaderSize)
    }

    /// A protected record goes in one command, and comes back in one answer.
    private static func longestRecord(_ profile: COSProfile, _ protection: Protection?) -> Int {
        guard let protection else { return profile.longestTravellingRecord }
        let form = profile.lineProtection(protection.mode)
        let written = form.largestPlain(within: profile.largestCommandData, cipher: profile.cipher)
        let read =
            protection.isReadProtected
            ? form.largestAnswer(within: profile.largestAnswerData, cipher: profile.cipher) : profile.longestRecord
        return min(profile.longestRecord, written, read)
    }

    init(
        identifier: UInt16, file: ElementaryFile?, structure: ElementaryFile.Structure, readByte: UInt8,
        writeByte: UInt8, recordReadBytes: [UInt8: UInt8], protection: Protection? = nil, bodySize: Int, space: Int
    ) {
        self.identifier = identifier
        self.file = file
        self.structure = structure
        self.readByte = readByte
        self.writeByte = writeByte
        self.recordReadBytes = recordReadBytes
        self.protection = protection
        self.bodySize = bodySize
        self.space = space
    }
}

extension ElementaryFile {
    /// Bytes of content on the card; a record costs one byte more in fixed and cyclic files (cos-dialects §2.1).
    public var bodySize: Int {
        switch structure {
        case .variableRecord: elements.reduce(0) { $0 + $1.repeats * $1.recordLength }
        case .fixedRecord(let count, let length), .cyclic(let count, let length): count * (length + 1)
        case .transparent(let size): size
        }
    }
}

extension Element {
    /// Bytes of one record with tag and length.
    public var recordLength: Int { 2 + length }
}
