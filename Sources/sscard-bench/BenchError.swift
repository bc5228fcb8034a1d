/// Why nothing was measured: a comparison that is not like with like is worth nothing.
enum BenchError: Error, CustomStringConvertible {
    /// There is no such file.
    case missing(String)
    /// A program failed: path and status.
    case program(String, Int32)
    /// A program's output is not as it should be.
    case output(String, String)
    /// A command whose bytes differ with the protocol cannot be replayed.
    case protocolDependent(String)
    /// The card is not that of the layout's profile.
    case foreignCard
    /// No row of the people file has this number.
    case noSuchRow(Int)
    /// The comparison is void.
    case void(String)

    var description: String {
        switch self {
        case .missing(let path): "missing: \(path); run Scripts/bench"
        case .program(let path, let status): "\(path) ended with \(status)"
        case .output(let path, let text): "\(path) printed what cannot be read: \(text)"
        case .protocolDependent(let command): "cannot be replayed, its bytes depend on the protocol: \(command)"
        case .foreignCard: "the card in the reader is not one of the layout's profile"
        case .noSuchRow(let row): "the people file has no row \(row)"
        case .void(let reason): "the comparison is void: \(reason)"
        }
    }
}
