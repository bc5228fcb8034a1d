import Foundation

/// One door through which bytes of strangers come in, and what must hold whatever they are.
///
/// libFuzzer (`Scripts/fuzz`) and the seeded runs of every test run knock at the same doors. Errors are the right answer to wrong
/// bytes; a trap, an endless loop or a ``FuzzFinding`` is none.
struct FuzzTarget: Sendable {
    /// What the target is called, and the folder of its seeds in `Fixtures/fuzz`.
    let name: String
    /// Files of the source tree that serve as seeds too, from the package's folder on.
    let furtherSeeds: [String]
    /// How many inputs a test run tries; doors that are slow to open get fewer.
    let runs: Int
    /// Words that mean something here, which mutations put in.
    let words: [String]
    /// Takes an input; throws ``FuzzFinding`` for an answer that cannot be right.
    let take: @Sendable ([UInt8]) throws -> Void

    init(
        _ name: String, furtherSeeds: [String] = [], runs: Int, words: [String] = [],
        take: @escaping @Sendable ([UInt8]) throws -> Void
    ) {
        self.name = name
        self.furtherSeeds = furtherSeeds
        self.runs = runs
        self.words = words
        self.take = take
    }

    /// Every door.
    static let all: [FuzzTarget] =
        cardBytes + dataObjects + [record, state, trace, commands, answers] + texts + [event, journal, hsmFlow]
        + [domainState, moduleState, visits]

    /// The package's own folder, from the place of this file.
    static let home = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent().path

    /// The inputs that mutations begin with: the files of the target's folder in the order of their names, then the others.
    func seeds() throws -> [[UInt8]] {
        let folder = Self.home + "/Fixtures/fuzz/" + name
        let own = try FileManager.default.contentsOfDirectory(atPath: folder).sorted().map { folder + "/" + $0 }
        return try (own + furtherSeeds.map { Self.home + "/" + $0 }).map {
            [UInt8](try Data(contentsOf: URL(filePath: $0)))
        }
    }
}

/// Bytes were taken, and what came of them cannot be right.
struct FuzzFinding: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }

    /// Throws when what must hold does not.
    static func unless(_ holds: Bool, _ description: @autoclosure () -> String) throws {
        if !holds { throw FuzzFinding(description()) }
    }
}
