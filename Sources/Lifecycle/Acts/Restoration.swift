/// 登记库恢复: from which backup a log goes on.
///
/// The event follows the backup's last one in the chain. Where events after that were known elsewhere, the same places of this log now hold
/// other events; because the first of them says that the registry was restored, nobody takes the fork for a stolen key.
public struct Restoration: Hashable, Sendable {
    /// SHA-256 of the backup's manifest, 32 bytes.
    public let manifest: [UInt8]
    /// The highest sequence of this log that anybody was known to have seen; the events between it and this one are lost here.
    public let newestKnown: UInt64

    /// A restoration; nil when the hash has not 32 bytes.
    public init?(manifest: [UInt8], newestKnown: UInt64) {
        guard manifest.count == 32 else { return nil }
        self.manifest = manifest
        self.newestKnown = newestKnown
    }
}
