/// The name of a key in `Keys/hierarchy.yaml`, for example `UKSSSE`.
public struct KeyName: RawRepresentable, Hashable, Sendable, CustomStringConvertible {
    /// The name as the hierarchy file has it.
    public let rawValue: String
    /// Names a key; whether the hierarchy has it is the service's to judge.
    public init(rawValue: String) { self.rawValue = rawValue }
    /// The name.
    public var description: String { rawValue }
}
