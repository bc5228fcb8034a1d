/// One of the 56 ethnic groups, or 99 for others (GB 3304-1991); names are in the table `ethnic-groups.csv`.
public struct EthnicGroup: Hashable, Sendable {
    /// 1…56 or 99.
    public let number: UInt8

    /// Reads two digits; throws `ethnic-group.unknown`.
    public init(_ code: String) throws(Faults) {
        guard code.utf8.count == 2, code.first != "+", let number = UInt8(code),
            (1...56).contains(number) || number == 99
        else {
            throw Faults("ethnic-group.unknown", ["code": String(code.prefix(8))])
        }
        self.number = number
    }

    /// Two digits.
    public var code: String { (number < 10 ? "0" : "") + String(number) }
}
