import CardData
public import Lifecycle
import Personalization
public import Registry
public import SmartCardReader

/// A piece of stock whose chip was read instead of being typed.
public struct ReadPiece: Hashable, Sendable {
    /// The chip's serial.
    public let serial: [UInt8]
    /// Whether it lay in a slot for security modules.
    public let isInModuleSlot: Bool

    /// What the book says it is; what is in no book counts as what its slot is for.
    public func kind(in registry: Registry) throws(RegistryError) -> StockKind {
        try registry.stock(serial)?.kind ?? (isInModuleSlot ? .securityModule : .blank)
    }

    /// The card that was made of the chip, where it is no piece of stock any more; nil for a piece in the book, and for a chip of which
    /// no card was made.
    public func issuedCard(in registry: Registry) throws(RegistryError) -> RegisteredCard? {
        guard try registry.stock(serial) == nil, let reference = try registry.reference(onChip: serial),
            let card = try registry.card(reference), card.facts != nil
        else { return nil }
        return card
    }
}

extension CardLibrary {
    /// The piece in a reader, from its answer to reset.
    ///
    /// - Throws: ``ReaderError/cardMute(_:)`` for a chip that says nothing, `stock.chip-unreadable` for one whose answer tells no serial.
    public func piece(in reader: ReaderDescription) throws -> ReadPiece {
        guard let answer = reader.answerToReset else { throw ReaderError.cardMute(reader.name) }
        guard let chip = try chip(answering: answer) else {
            throw Faults("stock.chip-unreadable", ["reader": reader.name.rawValue])
        }
        return ReadPiece(serial: chip.bytes, isInModuleSlot: reader.name.looksLikeSAMSlot)
    }
}
