public import CardData

/// 登记库恢复: from which backup a log goes on.
///
/// The event follows the backup's last one in the chain. Where events after that were known elsewhere, the same places of this log now hold
/// other events; because the first of them says that the registry was restored, nobody takes the fork for a stolen key.
public struct Restoration: Hashable, Sendable {
    /// SHA-256 of the backup's manifest, 32 bytes.
    public let manifest: [UInt8]
    /// The highest sequence of this log that anybody was known to have seen; the events between it and this one are lost here.
    public let newestKnown: UInt64
    /// 暂不发号段: the card numbers that may stand on cards of the lost stretch, and are handed out to nobody.
    public let withheld: [CardNumberRange]

    /// No restoration withholds more numbers of one range.
    public static let mostWithheld = 100_000

    /// A restoration; nil when the hash has not 32 bytes, or when too many numbers are withheld.
    public init?(manifest: [UInt8], newestKnown: UInt64, withheld: [CardNumberRange] = []) {
        guard manifest.count == 32, withheld.count <= Self.mostRanges,
            withheld.allSatisfy({ $0.count <= Self.mostWithheld })
        else { return nil }
        self.manifest = manifest
        self.newestKnown = newestKnown
        self.withheld = withheld
    }

    /// More would not fit into the field of an event.
    private static let mostRanges = 1000
}
