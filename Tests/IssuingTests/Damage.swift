import CardData
import Foundation
import Lifecycle

/// Damage to a journal, those who answer for it, and what is told of it.
enum Damage {
    /// A personaliser and a supervisor, who book together what cannot be read any more.
    static let two = Handling(
        by: Officer(number: 1001, role: .personalizer), second: Officer(number: 2001, role: .supervisor))

    /// Turns one digit of the sealed header into another one.
    static func flipDigit(of path: String) throws {
        var bytes = [UInt8](try Data(contentsOf: URL(filePath: path)))
        bytes[40] = bytes[40] == UInt8(ascii: "0") ? UInt8(ascii: "1") : UInt8(ascii: "0")
        try Data(bytes).write(to: URL(filePath: path))
    }

    /// The codes of the faults that come of something; none where it goes well.
    static func codes(_ body: () throws -> Void) -> [String] {
        do { try body() } catch { return ((error as? any FaultReporting)?.faults ?? []).map(\.code.rawValue) }
        return []
    }
}
