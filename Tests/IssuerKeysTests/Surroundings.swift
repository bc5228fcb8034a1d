import ByteText
import CardCryptography
import CardData
import Foundation
import Testing

@testable import IssuerKeys

/// Bytes of a hexadecimal literal or vector; a test fails where it is none.
func bytes(_ text: String) throws -> [UInt8] {
    try #require([UInt8](hexadecimal: text), "not hexadecimal: \(text)")
}

/// The files of the house that these tests read.
enum Surroundings {
    static let home = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../..").standardizedFileURL

    static func hierarchy() throws -> KeyHierarchy {
        try KeyHierarchy.read(home.appending(path: "Keys/hierarchy.yaml").path(percentEncoded: false))
    }

    static func development() throws -> KeySet { try DevelopmentKeySet.make(hierarchy: hierarchy()) }

    /// The hierarchy of the house with other versions of all keys, or with versions of their own for some.
    static func hierarchy(_ versions: String, keys: [String: String] = [:]) throws -> KeyHierarchy {
        let path = home.appending(path: "Keys/hierarchy.yaml").path(percentEncoded: false)
        var text = try String(contentsOfFile: path, encoding: .utf8)
        let start = try #require(text.range(of: "\nversions:\n"))
        let end = try #require(text.range(of: "\n\n", range: start.upperBound..<text.endIndex))
        text.replaceSubrange(start.lowerBound..<end.lowerBound, with: "\nversions: \(versions)")
        for (name, own) in keys {
            let entry = try #require(text.range(of: "  \(name): {"))
            text.insert(contentsOf: "versions: \(own), ", at: entry.upperBound)
        }
        return try KeyHierarchy(DataFile.parse(text, file: path))
    }

    static func service(_ set: KeySet) throws -> SoftwareKeyService {
        try SoftwareKeyService(set, hierarchy: hierarchy())
    }

    /// A directory of its own, removed afterwards.
    static func withFolder<Result>(_ body: (String) throws -> Result) throws -> Result {
        let directory = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: directory) }
        return try body(directory.path(percentEncoded: false))
    }

    /// Puts a file into a directory of its own, removed afterwards.
    static func withFile<Result>(_ text: String, named name: String, _ body: (String) throws -> Result) throws -> Result
    {
        try withFolder { folder in
            try Data(text.utf8).write(to: URL(filePath: folder + "/" + name))
            return try body(folder + "/" + name)
        }
    }

    /// Puts a key store into a directory of its own, removed afterwards.
    static func withStore<Result>(_ text: String, _ body: (String) throws -> Result) throws -> Result {
        try withFolder { folder in
            try Data(text.utf8).write(to: URL(filePath: folder + "/" + SealedKeyStore.fileName))
            return try body(folder)
        }
    }
}

/// The codes of what an expression throws.
func codes(_ body: () throws -> Void) -> [String] {
    do {
        try body()
        return []
    } catch {
        return (error as? any FaultReporting)?.faults.map(\.code.rawValue) ?? ["\(error)"]
    }
}
