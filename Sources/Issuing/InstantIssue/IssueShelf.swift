import CardCryptography
import CardData
import Foundation
public import Personalization

/// The issues of a data folder, for whoever looks at them without doing a step; and the photos that wait for their cards.
public struct IssueShelf: Sendable {
    private let folder: String
    private let sealingKey: SealingKey

    /// A shelf.
    ///
    /// - Parameters:
    ///   - folder: `DATA/issue`.
    ///   - sealingKey: seals the photos.
    public init(folder: String, sealingKey: SealingKey) {
        self.folder = folder
        self.sealingKey = sealingKey
    }

    /// How far an issue has come.
    public func progress(_ identifier: String) throws(IssueFlowError) -> IssueProgress {
        try IssueFile(folder: folder).read(identifier)
    }

    /// The issues that have not ended, the oldest first, and the files that are damaged.
    public func unfinished() throws(IssueFlowError) -> IssueListing {
        try IssueListing.unfinished(in: folder)
    }

    /// The issues that ended without a card after a fee was settled, the oldest first: each waits until somebody says what became of it.
    public func owingFees() throws(IssueFlowError) -> [IssueProgress] { try IssueFile(folder: folder).owing() }

    /// The photo that was kept for an issue; nil when there is none.
    public func photo(of identifier: String) throws -> [UInt8]? {
        guard let sealed = FileManager.default.contents(atPath: path(identifier)) else { return nil }
        return try sealingKey.unseal(Array(sealed), for: Self.purpose(identifier)).withSpan { span in
            span.indices.map { span[$0] }
        }
    }

    /// Keeps a photo, sealed, until the issue's card is made.
    public func keep(photo: [UInt8], for identifier: String) throws {
        let sealed = try sealingKey.seal(SecretBytes(copying: photo), for: Self.purpose(identifier))
        let path = path(identifier)
        do {
            try Data(sealed).write(to: URL(filePath: path), options: .atomic)
            try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: path)
        } catch {
            throw IssueFlowError.file(path, reason: error.systemReason(at: path))
        }
    }

    /// Takes away the photo of an issue that needs it no more.
    public func dropPhoto(of identifier: String) { try? FileManager.default.removeItem(atPath: path(identifier)) }

    private func path(_ identifier: String) -> String { "\(folder)/\(identifier).photo" }

    private static func purpose(_ identifier: String) -> String { "issue photo \(identifier)" }
}
