import Foundation

/// Where the seeded runs begin: the same in every run, unless `SSCARD_FUZZ_SEED` says otherwise.
enum FuzzSeed {
    static let current = ProcessInfo.processInfo.environment["SSCARD_FUZZ_SEED"].flatMap(UInt64.init) ?? 1
}
