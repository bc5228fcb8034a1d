import CardApplication
import CardData
import CardLayout
import ISO7816
import IssuerKeys
import SmartCardReader

extension Site {
    /// The key service over the PSAM in a slot, which is held until the service is let go of.
    func moduleKeys(in slot: String) throws -> PSAMKeyService {
        let channel = try HeldCard(Self.moduleSlot(slot)) { Terminal.tell($0.faults) }
        return try PSAMKeyService(
            channel, dialect: PSAMDialect(options.moduleProfile(answering: channel.answerToReset)),
            hierarchy: hierarchy())
    }

    /// The slot of that name, or the only one with a card whose name contains the text; for an empty text the only slot for security
    /// modules with something in it.
    static func moduleSlot(_ text: String) throws -> ReaderName {
        let readers = try ReaderList.current()
        if let exact = readers.first(where: { $0.name.rawValue == text }) { return exact.name }
        let meant = readers.filter { reader in
            text.isEmpty
                ? reader.name.looksLikeSAMSlot : reader.name.rawValue.lowercased().contains(text.lowercased())
        }
        guard let any = meant.first else {
            if text.isEmpty { throw CardKeyError.module(.notAModule) }
            throw ReaderError.readerNotFound(text, available: readers.map(\.name))
        }
        // readers with several slots for modules show them all, most of them empty
        let filled = meant.filter(\.isCardPresent)
        guard let first = filled.first else { throw ReaderError.noCard(any.name) }
        guard filled.count == 1 else {
            throw ReaderError.ambiguous(text.isEmpty ? nil : text, matches: filled.map(\.name))
        }
        return first.name
    }
}

extension SiteOptions {
    /// The profile of the PSAM that gave this answer to reset; throws `psam.not-a-module` when none fits.
    func moduleProfile(answering answer: AnswerToReset) throws -> PSAMProfile {
        let library = try library()
        for name in try library.psamProfileNames {
            let profile = try library.psamProfile(named: name)
            if answer.bytes.starts(with: profile.answerToResetPrefix) { return profile }
        }
        throw CardKeyError.module(.notAModule)
    }
}
