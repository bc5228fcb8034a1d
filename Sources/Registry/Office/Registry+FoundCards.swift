import Foundation
import GRDB
import Lifecycle

/// A card in use that came back into the office, and lies there for its holder.
public struct FoundCard: Sendable {
    /// The card.
    public let card: RegisteredCard
    /// The officer who answers for it.
    public let keeper: UInt64
}

/// Cards that were found or handed in, and wait for their holders.
extension Registry {
    /// How many lie in the office.
    public func foundCardCount() throws(RegistryError) -> Int {
        try reading { database in
            try Int.fetchOne(database.cachedStatement(sql: "SELECT count(*) \(Self.foundCards)"), arguments: Self.found)
                ?? 0
        }
    }

    /// Those that have lain longest, the first of them first.
    public func foundCards(_ limit: Int) throws(RegistryError) -> [FoundCard] {
        try reading { database in
            let rows = try Row.fetchAll(
                database.cachedStatement(
                    sql:
                        "SELECT cards.reference, stock.owner \(Self.foundCards) ORDER BY cards.last_sequence LIMIT \(limit)"
                ),
                arguments: Self.found)
            return try rows.compactMap { row in
                let reference = CardReference(bytes: Array(row[0] as Data))
                guard let card = try reference.flatMap({ try CardTable.find($0, in: database) }) else { return nil }
                return FoundCard(card: card, keeper: UInt64(bitPattern: row[1] as Int64))
            }
        }
    }

    /// From the stock book, which is short.
    ///
    /// Every card is in it that comes back: the cards themselves are many. `CROSS` has SQLite
    /// begin with the book, which has no index of kinds.
    private static let foundCards =
        "FROM stock CROSS JOIN cards ON cards.blank = stock.serial WHERE stock.kind = ? AND cards.physical = ? AND cards.social < 2"
    private static let found: StatementArguments = [
        Int64(StockKind.finished.rawValue), PhysicalState.recovered.rawValue,
    ]
}
