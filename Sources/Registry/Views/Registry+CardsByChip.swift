public import CardData
import Foundation
import GRDB
import Lifecycle

extension Registry {
    /// The numbers of the cards that were made of these chips, by the chip's serial, which ends its identity; of a chip that
    /// carried several, the newest.
    ///
    /// It goes through the cards one by one, and so belongs to a small registry.
    public func cards(ofChips serials: [[UInt8]]) throws(RegistryError) -> [[UInt8]: CardNumber] {
        try reading { database in
            var found: [[UInt8]: CardNumber] = [:]
            let rows = try Row.fetchCursor(
                database.cachedStatement(
                    sql: "SELECT blank, number FROM cards WHERE number IS NOT NULL ORDER BY last_sequence"))
            while let row = try rows.next() {
                let identity = Array(row[0] as Data)
                for serial in serials
                where identity.count >= serial.count && identity.suffix(serial.count) == serial[...] {
                    found[serial] = try CardNumber(row[1] as String)
                }
            }
            return found
        }
    }
}
