import CardApplication
import CardCryptography
import CardLayout
import ISO7816
import IssuerKeys
import Issuing

/// Records for one file of an issued card.
struct CardChange {
    let directory: CompiledDirectory
    let file: ElementaryFile
    let records: [CardImage.Record]
}

extension CardAccess {
    /// Writes what the card does not hold yet, and reads it back: what anybody may read is compared before a key store is opened.
    ///
    /// - Parameter target: what is to be written to a card of this kind.
    func changing(
        _ site: Site, _ target: @Sendable (CompiledCard) throws -> CardChange
    ) async throws -> ElementUpdate.Outcome {
        let pin = try pin?.presentedPIN()
        return try await changingCard { channel in
            let compiled = try kind(of: channel, site)
            let change = try target(compiled)
            let onlooker = try conversation(
                ReadOnlyChannel(channel), compiled, site, CardPreparation.absentKeys, nil)
            try checkChangeable(onlooker, compiled, site)
            try checkVersion(of: onlooker, compiled, site)
            if try ElementUpdate(onlooker, compiled).isAlready(
                change.records, in: change.file.name, of: change.directory)
            {
                return .unchanged
            }
            let conversation = try conversation(channel, compiled, site, try site.keys(), pin)
            return try conversation.explaining(of: compiled.layout) {
                try ElementUpdate(conversation, compiled, pinLength: pin.map { ($0.count + 1) / 2 })
                    .write(change.records, to: change.file.name, in: change.directory)
            }
        }
    }
}

/// What became of a change, for programs.
struct CardChangeReport: Encodable {
    /// The element, or the file that got a row.
    let element: String
    /// False when the card held the value already.
    let changed: Bool
    /// How many were written.
    let records: Int
    /// Whether the card was seen to hold the value.
    let readBack: Bool

    init(element: String, _ outcome: ElementUpdate.Outcome) {
        self.element = element
        switch outcome {
        case .unchanged: (changed, records, readBack) = (false, 0, true)
        case .written(let count, let isReadBack): (changed, records, readBack) = (true, count, isReadBack)
        }
    }

    /// Whether it was read back, for people.
    var readingBack: String { readBack ? "已回读核对 read back" : "未能回读 not read back" }
}
