/// What several rounds of one thing took.
struct Samples {
    private var values: [Double] = []

    mutating func add(_ value: Double) { values.append(value) }

    /// The middle value, of an even number of values the mean of the two in the middle; zero when there are none.
    var median: Double {
        guard !values.isEmpty else { return 0 }
        let sorted = values.sorted()
        let middle = sorted.count / 2
        return sorted.count.isMultiple(of: 2) ? (sorted[middle - 1] + sorted[middle]) / 2 : sorted[middle]
    }

    /// The smallest value.
    var least: Double { values.min() ?? 0 }

    /// The largest value.
    var greatest: Double { values.max() ?? 0 }

    /// How often each value goes into `whole`: times as rates.
    func inverted(_ whole: Double) -> Samples {
        var samples = Samples()
        for value in values where value > 0 { samples.add(whole / value) }
        return samples
    }
}
