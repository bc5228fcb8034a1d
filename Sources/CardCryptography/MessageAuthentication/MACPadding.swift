/// How a message is filled up to whole blocks before its MAC is taken (ISO/IEC 9797-1 §6.3).
public enum MACPadding: Int, Hashable, Sendable {
    /// Method 1: zeros, none when the message already fills its blocks, one block of them when it is empty.
    case zeros = 1
    /// Method 2: 80, then zeros; always at least the 80, as card commands have it.
    case bit = 2
    /// Method 3: zeros behind, and one block with the length in bits in front.
    case length = 3

    /// The message, filled up to whole blocks.
    func apply(to message: Span<UInt8>, block: Int) -> [UInt8] {
        let count = message.count
        var padded: [UInt8] = []
        padded.reserveCapacity(count + 2 * block)
        if self == .length {
            padded.append(contentsOf: repeatElement(0, count: block - 8))
            for shift in stride(from: 56, through: 0, by: -8) {
                padded.append(UInt8(truncatingIfNeeded: UInt64(count) &* 8 >> UInt64(shift)))
            }
        }
        for index in message.indices { padded.append(message[index]) }
        if self == .bit || (self == .zeros && count == 0) { padded.append(self == .bit ? 0x80 : 0) }
        while padded.count % block != 0 { padded.append(0) }
        return padded
    }
}
