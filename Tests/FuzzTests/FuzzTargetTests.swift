import Testing

/// Bad input of every kind is answered with an error and never with a trap; `Scripts/fuzz` goes on where this stops.
@Suite struct FuzzTargetTests {
    /// Seeds are what once went wrong, too: each stays right.
    @Test(arguments: FuzzTarget.all.map(\.name)) func seedsAreTaken(name: String) throws {
        let target = try #require(FuzzTarget.all.first { $0.name == name })
        let seeds = try target.seeds()
        #expect(!seeds.isEmpty)
        for seed in seeds { try target.take(seed) }
    }

    @Test(arguments: FuzzTarget.all.map(\.name)) func changedSeedsNeverMakeATrap(name: String) throws {
        let target = try #require(FuzzTarget.all.first { $0.name == name })
        let seed = FuzzSeed.current
        var mutation = Mutation(seeds: try target.seeds(), words: target.words, seed: seed)
        for run in 0..<target.runs {
            let input = mutation.next()
            #expect(throws: Never.self, "seed \(seed), input \(run): \(input.count) bytes") { try target.take(input) }
        }
    }
}
