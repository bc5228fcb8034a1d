import ByteText
import Foundation
import Glibc
import Lifecycle
import Personalization

/// Which card was begun for a person and is not finished, on disk: one person is never begun on two cards.
///
/// A claim is a symbolic link in the journals' folder, named for the person's reference, that points to the card's journal. The
/// system makes a link as a whole and refuses a second one of the same name. It is made before the journal, which brings
/// the folder with both names to the disk before the card's first command; and it counts as long as the journal is there,
/// so that a crash between two acts leaves a link that points nowhere, and the person free.
struct PersonClaim {
    private let path: String

    private static let fileExtension = ".claim"

    /// The person for whom a card was begun, as the claims of a folder have it; nil when there is none.
    static func claimant(of card: CardIdentity, in folder: String) -> PersonReference? {
        guard let names = try? FileManager.default.contentsOfDirectory(atPath: folder) else { return nil }
        for name in names where name.hasSuffix(fileExtension) {
            guard
                let person = [UInt8](hexadecimal: name.dropLast(fileExtension.count))
                    .flatMap({ PersonReference(bytes: $0) })
            else { continue }
            if PersonClaim(of: person, in: folder).claimedCard == card { return person }
        }
        return nil
    }

    /// The claim of a person, made or not.
    init(of person: PersonReference, in folder: String) {
        path = "\(folder)/\(person.bytes.hexadecimal)\(Self.fileExtension)"
    }

    /// The card that was begun for the person; nil when there is none whose journal is still kept.
    var unfinishedCard: CardIdentity? {
        // `access` follows the link, so it fails when the journal is gone.
        access(path, F_OK) == 0 ? claimedCard : nil
    }

    /// Claims the person for a card that is about to be begun, or goes on being begun.
    ///
    /// - Throws: ``IssuingError/begunOnAnotherCard(_:)``, or a journal error when the link cannot be made.
    func take(for card: CardIdentity) throws {
        while symlink(Journal.fileName(for: card), path) != 0 {
            let code = errno
            guard code == EEXIST else { throw JournalError.cannotWrite(path, code) }
            if claimedCard == card { return }
            if let other = unfinishedCard { throw IssuingError.begunOnAnotherCard(other) }
            try remove()
        }
    }

    /// Gives the person free when no journal is kept for the card any more.
    func giveFreeWhenDone() throws(JournalError) {
        if unfinishedCard == nil { try remove() }
    }

    private var claimedCard: CardIdentity? {
        var target = [CChar](repeating: 0, count: 256)
        let count = readlink(path, &target, target.count)
        guard count > 0 else { return nil }
        return Journal.card(ofFile: String(decoding: target.prefix(count).map(UInt8.init(bitPattern:)), as: UTF8.self))
    }

    private func remove() throws(JournalError) {
        guard unlink(path) == 0 || errno == ENOENT else { throw .cannotWrite(path, errno) }
    }
}
