public import CardData

/// 终端编号: which terminal a PSAM is built into, as its maker or the city numbers it.
///
/// No published form binds all terminals, so it is only held to what a label can bear: 1 to 32 Latin letters, digits and hyphens.
public struct TerminalNumber: Hashable, Sendable {
    /// The number, its letters large.
    public let text: String

    /// Takes a number as it is typed; throws `stock.terminal-number` for anything else.
    public init(_ text: String) throws(Faults) {
        let bytes = Array(text.utf8)
        let isPlain = bytes.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "-"):
                true
            default: false
            }
        }
        guard (1...32).contains(bytes.count), isPlain else {
            throw Faults("stock.terminal-number", ["number": String(text.prefix(40))])
        }
        self.text = text.uppercased()
    }

    /// Reads the number's bytes in their one form; nil for anything else.
    init?(bytes: [UInt8]) {
        guard let text = String(validating: bytes, as: UTF8.self), let number = try? TerminalNumber(text),
            number.text == text
        else { return nil }
        self = number
    }
}
