/// A card operating system's own codes for file structures and key types; profiles speak of the keys by the FMCOS types.
public struct COSCodes: Hashable, Sendable {
    private let fileTypes: [ElementaryFile.Structure.Kind: UInt8]
    private let keyTypes: [Key: UInt8]

    /// A key type, or one key record of that type.
    struct Key: Hashable {
        let type: UInt8
        let identifier: UInt8?
    }

    init(fileTypes: [ElementaryFile.Structure.Kind: UInt8], keyTypes: [Key: UInt8]) {
        self.fileTypes = fileTypes
        self.keyTypes = keyTypes
    }

    /// The code of a file structure.
    public func code(of kind: ElementaryFile.Structure.Kind) -> UInt8 { fileTypes[kind] ?? 0 }

    /// The file structure of a code; nil for a code that no structure has.
    public func structure(of code: UInt8) -> ElementaryFile.Structure.Kind? { fileTypes.first { $1 == code }?.key }

    /// The code of a key type: that of the single record where it has one of its own, else that of its type, else the type.
    public func code(ofKeyType type: UInt8, identifier: UInt8) -> UInt8 {
        keyTypes[Key(type: type, identifier: identifier)] ?? keyTypes[Key(type: type, identifier: nil)] ?? type
    }

    /// The FMCOS type of a key with this code and identifier; nil when the profile names none.
    public func keyType(ofCode code: UInt8, identifier: UInt8) -> UInt8? {
        let own = keyTypes.first { $1 == code && $0.identifier == identifier }?.key.type
        return own ?? keyTypes.first { $1 == code && $0.identifier == nil }?.key.type
    }
}

extension ElementaryFile.Structure {
    /// A structure without its measures.
    public enum Kind: String, Hashable, Sendable, CaseIterable {
        /// Bytes.
        case transparent
        /// Records of one length.
        case fixedRecord
        /// Records of different lengths, each with tag and length.
        case variableRecord
        /// Records of one length, the newest first.
        case cyclic
    }

    /// The structure without its measures.
    public var kind: Kind {
        switch self {
        case .transparent: .transparent
        case .fixedRecord: .fixedRecord
        case .variableRecord: .variableRecord
        case .cyclic: .cyclic
        }
    }
}
