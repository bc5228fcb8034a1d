import ArgumentParser
import CardData
import IssuerKeys
import Issuing
import Lifecycle
import Personalization
import Registry
import SmartCardReader

/// What becomes of the chip of a card that is taken back for a new one.
struct OldCardOptions: ParsableArguments {
    @Option(
        help: """
            换领的旧卡芯片 The chip of the old card of a renewal: blocked, for good, with the card in a reader; or why it cannot be: \
            silent, broken, refused, other.
            """)
    var oldCard: String?

    /// What was said; nil where nothing was.
    var end: ChipEnd? {
        get throws(Faults) { try oldCard.map { text throws(Faults) in try word(text, ChipEnd.allCases) { "\($0)" } } }
    }
}

extension Site {
    /// Where old cards are ended, in the name of the officer.
    ///
    /// - Parameter role: the officer's where none is named.
    func oldCardDesk(
        _ registry: Registry, _ officers: OfficerOptions, as role: Role = .teller
    ) throws -> OldCardDesk {
        let journals = try options.dataFolder() + "/journal"
        let handling = try officers.handling(as: role)
        let second = handling.second.map { KeyUseSession.SecondPerson.named(String($0.number)) }
        return OldCardDesk(
            registry: registry,
            preparation: try preparation(as: KeyRole(of: handling.officer.role), second: second),
            visits: try visits(registry: registry), journalFolder: journals,
            sealingKey: try SealingKey.load(in: journals))
    }

    /// Ends the chip of an old card, in the reader where it is blocked.
    func end(
        _ number: CardNumber, as end: ChipEnd, in reader: () async throws -> SmartCardReader, _ registry: Registry,
        _ officers: OfficerOptions
    ) async throws -> EventIdentifier? {
        guard let old = try registry.card(number: number) else {
            throw Faults("tool.no-such-card", ["number": number.printed])
        }
        let desk = try oldCardDesk(registry, officers)
        let handling = try officers.handling(as: .teller)
        guard end == .blocked else {
            return try desk.end(old, unless: end, handledBy: handling, through: nil)
        }
        let reader = try await reader()
        // Between the card's block and its event nobody stops: a blocked chip that no event tells of would be a riddle.
        return try await Interruption.finishing {
            try await reader.withCard { channel in try desk.end(old, handledBy: handling, through: channel) }
        }.value
    }
}
