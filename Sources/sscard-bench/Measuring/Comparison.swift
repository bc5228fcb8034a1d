/// One figure of ours beside that of its baseline: a C program, or our own with one reader.
struct Comparison {
    /// What the ratio is meant to be.
    enum Aim {
        case atMost(Double)
        case atLeast(Double)
    }

    let name: String
    let unit: String
    let ours: Samples
    let baseline: Samples
    let aim: Aim

    /// The ratio of the medians.
    var ratio: Double { Self.ratio(ours.median, baseline.median) }

    /// The ratio of the best rounds, which other programs on the machine disturb least.
    var ratioOfBest: Double {
        switch aim {
        case .atMost: Self.ratio(ours.least, baseline.least)
        case .atLeast: Self.ratio(ours.greatest, baseline.greatest)
        }
    }

    private static func ratio(_ ours: Double, _ baseline: Double) -> Double { baseline > 0 ? ours / baseline : 0 }
}

extension Comparison.Aim: CustomStringConvertible {
    var description: String {
        switch self {
        case .atMost(let value): "≤ \(value.fixed(2))"
        case .atLeast(let value): "≥ \(value.fixed(2))"
        }
    }
}

extension [Comparison] {
    /// The comparisons as a table: medians, their ratio, that of the best rounds, and what the ratio is meant to be.
    var table: String {
        let heads = ["", "unit", "sscard", "baseline", "ratio", "of best rounds", "aim"]
        let rows =
            [heads]
            + map { row in
                [
                    row.name, row.unit, row.ours.median.grouped, row.baseline.median.grouped, row.ratio.fixed(3),
                    row.ratioOfBest.fixed(3), row.aim.description,
                ]
            }
        return TextTable(rows: rows, leftColumns: 2).text
    }
}
