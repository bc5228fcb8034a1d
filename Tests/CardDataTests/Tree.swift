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

/// A generator that repeats itself for a seed, so that a failing run can be run again.
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    // SplitMix64 (Steele, Lea, Flood 2014)
    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
