import CardData
import Foundation
import Testing

/// Paths in the source tree, found from this file.
enum Tree {
    static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().path
    static let tables = root + "/CardLayouts/tables"
    static let people = root + "/Fixtures/people.csv"
    static let badPeople = root + "/Fixtures/people-bad.csv"
}

/// The codes of what a throwing call reports, in order; empty when it does not throw.
func codes<Value>(_ body: () throws -> Value) -> [String] {
    do {
        _ = try body()
        return []
    } catch {
        return (error as? any FaultReporting)?.faults.map(\.code.rawValue) ?? ["\(error)"]
    }
}
