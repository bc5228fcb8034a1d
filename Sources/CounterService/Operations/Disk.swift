public import CardData
import Foundation

/// The disk under a folder.
public enum Disk {
    /// How many bytes this user may still write; nil when the folder cannot be asked.
    public static func freeBytes(at path: String) -> Int? {
        let attributes = try? FileManager.default.attributesOfFileSystem(forPath: path)
        return (attributes?[.systemFreeSize] as? NSNumber)?.intValue
    }

    /// With less than this nobody opens, in bytes.
    private static let least = 256 << 20

    /// That so many free bytes are too few; nil when they are not.
    public static func lowFault(_ free: Int) -> Fault? {
        guard free < least else { return nil }
        return Fault("counter.disk-low", ["free": String(free >> 20), "least": String(least >> 20)])
    }

    /// As people read it.
    static func text(_ bytes: Int?) -> String {
        guard let bytes else { return "–" }
        let mebibytes = bytes >> 20
        return mebibytes < 10_240 ? "\(mebibytes) MiB" : "\(mebibytes >> 10) GiB"
    }
}
