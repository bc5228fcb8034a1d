import CardCryptography
import CardData
import Foundation

@testable import IssuerKeys

/// Three invented custodians with keys, and ceremonies among them.
struct Custodians {
    static let cheap = KeyDerivation.ScryptCost(cost: 2, blockSize: 1)
    static let start = RecordTime(seconds: 1_795_891_620)

    let keys: [CustodianKey]

    init(_ count: Int = 3) throws(Faults) {
        let names = ["张一", "李二", "王三", "赵四", "钱五", "孙六"]
        var keys: [CustodianKey] = []
        for number in 1...count {
            keys.append(try CustodianKey.make(number: UInt64(1000 + number), name: names[number - 1]))
        }
        self.keys = keys
    }

    var roster: CustodianRoster { get throws(Faults) { try CustodianRoster(keys.map(\.custodian)) } }

    func ceremony(_ algorithm: CardAlgorithm = .sm4) throws(Faults) -> KeyCeremony {
        try KeyCeremony(
            name: "province", level: .province, area: "990000", algorithm: algorithm, custodians: keys.map(\.custodian),
            time: Self.start)
    }

    /// A ceremony to which all have committed, with these components.
    func committed(_ components: [String], _ algorithm: CardAlgorithm = .sm4) throws -> KeyCeremony {
        var ceremony = try ceremony(algorithm)
        for (key, text) in zip(keys, components) {
            try ceremony.commit(
                KeyComponent.read(Array(text.utf8).span, algorithm), .typed, by: key, time: Self.start)
        }
        return ceremony
    }

    static let components = [
        "0123456789ABCDEF FEDCBA9876543210", "00112233445566778899AABBCCDDEEFF", "F0E1D2C3B4A5968778695A4B3C2D1E0F",
    ]

    /// A finished ceremony.
    func finished() throws -> (set: KeySet, transcript: CeremonyTranscript) {
        var ceremony = try committed(Self.components)
        return try ceremony.finish(keys, hierarchy: Surroundings.hierarchy(), time: Self.start)
    }
}

/// A folder of its own, removed afterwards.
func withFolder<Result>(_ body: (String) throws -> Result) throws -> Result {
    let folder = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    return try body(folder.path(percentEncoded: false))
}
