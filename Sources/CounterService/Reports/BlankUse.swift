import Lifecycle
import Registry

/// 用卡: what became of the blanks that this office used, by who used them and by the delivery that they came with.
///
/// Each chip counts once: as a card, or as spoiled if it ever was, also after it had been a card. A factory's cards are no blanks of
/// the office's. So of every row, and of all of them together, the used ones are the good and the spoiled.
struct BlankUse {
    /// How many blanks were used.
    struct Count: Hashable {
        var good = 0
        var spoiled = 0

        /// All of them.
        var used: Int { good + spoiled }

        /// The spoiled of a thousand, to the nearest; nil where none was used.
        var spoiledOfThousand: Int? { used == 0 ? nil : (spoiled * 1000 + used / 2) / used }

        fileprivate mutating func add(isSpoiled: Bool) { if isSpoiled { spoiled += 1 } else { good += 1 } }
    }

    private struct Use {
        var officer: UInt64
        var isSpoiled: Bool
        /// Of a spoiled one whose making was not told yet: the card that it may have been.
        var unmade: CardReference?
    }

    private var uses: [[UInt8]: Use] = [:]
    private var deliveries: [[UInt8]: EventIdentifier] = [:]

    /// Takes in an event, the newest first: a spoiled card is told before its making is, and is then its maker's.
    mutating func take(_ logged: LoggedEvent) {
        switch logged.body.act {
        case .personalized(let facts):
            let chip = Self.name(of: facts.blankSerial, logged)
            made(chip, by: logged.event.officer, isOffices: !facts.planHash.isEmpty)
        case .spoiled(let spoilage):
            let chip = Self.name(of: spoilage.blankSerial, logged)
            uses[chip] = Use(
                officer: uses[chip]?.officer ?? logged.event.officer, isSpoiled: true, unmade: logged.event.card)
        default: return
        }
    }

    /// Looks up how spoiled cards were made whose making lies before all that was taken in.
    ///
    /// - Parameter making: the making of a card; nil for one that was never made.
    mutating func settle(_ making: (CardReference) throws -> MadeCard?) rethrows {
        for (chip, use) in uses {
            guard let card = use.unmade, let found = try making(card) else { continue }
            made(chip, by: found.officer, isOffices: !found.facts.planHash.isEmpty)
        }
    }

    private mutating func made(_ chip: [UInt8], by officer: UInt64, isOffices: Bool) {
        uses[chip] = isOffices ? Use(officer: officer, isSpoiled: uses[chip]?.isSpoiled ?? false) : nil
    }

    /// Takes in how blanks came into stock, the newest delivery first.
    mutating func takeDelivery(_ logged: LoggedEvent) {
        guard case .stock(.received(.blank, let serials)) = logged.body.act else { return }
        for serial in serials.serials where deliveries[serial] == nil { deliveries[serial] = logged.event.identifier }
    }

    /// All blanks.
    var all: Count { count(uses.values) }

    /// In the order of the officers' numbers.
    var byOfficer: [(officer: UInt64, count: Count)] {
        Dictionary(grouping: uses.values, by: \.officer).map { ($0.key, count($0.value)) }
            .sorted { $0.officer < $1.officer }
    }

    /// In the order of the deliveries; nil, and last, for blanks that came in with none.
    var byDelivery: [(delivery: EventIdentifier?, count: Count)] {
        let named = Dictionary(grouping: uses) { delivery(of: $0.key) }
            .map { (delivery: $0.key, count: count($0.value.map(\.value))) }
        let known = named.compactMap { row in row.delivery.map { ($0, row.count) } }.sorted { $0.0 < $1.0 }
        return known.map { (Optional($0.0), $0.1) } + named.filter { $0.delivery == nil }
    }

    private func delivery(of chip: [UInt8]) -> EventIdentifier? {
        // The book may have the whole number of a chip, or the end of it that somebody typed.
        deliveries[chip] ?? deliveries[Array(chip[ChipSerials.ownNumberStart(of: chip)...])]
    }

    private func count(_ uses: some Collection<Use>) -> Count {
        uses.reduce(into: Count()) { $0.add(isSpoiled: $1.isSpoiled) }
    }

    /// The chip's serial; of one that nobody told, the event.
    private static func name(of serial: [UInt8], _ logged: LoggedEvent) -> [UInt8] {
        serial.isEmpty ? Array("event".utf8) + logged.event.identifier.bytes : serial
    }
}
