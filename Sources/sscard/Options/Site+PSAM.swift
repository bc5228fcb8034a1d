import CardApplication
import CardData
import CardLayout
import ISO7816
import IssuerKeys
import SmartCardReader

extension Site {
    /// The key service over the PSAM in a slot, which is held until the service is let go of.
    func moduleKeys(in slot: String) throws -> PSAMKeyService {
        let channel = try HeldCard(Self.moduleSlot(slot))
        return try PSAMKeyService(
            channel, dialect: PSAMDialect(options.moduleProfile(answering: channel.answerToReset)),
            hierarchy: hierarchy())
    }

    /// The slot of that name; for an empty name the only slot for security modules that has something in it.
    static func moduleSlot(_ text: String) throws -> ReaderName {
        guard text.isEmpty else { return try ReaderList.reader(named: text).name }
        let filled = try ReaderList.current().filter { $0.name.looksLikeSAMSlot && $0.isCardPresent }.map(\.name)
        guard let first = filled.first else { throw CardKeyError.module(.notAModule) }
        guard filled.count == 1 else { throw ReaderError.ambiguous(nil, matches: filled) }
        return first
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
