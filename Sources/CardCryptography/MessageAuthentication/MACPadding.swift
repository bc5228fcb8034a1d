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
        var padded: [UInt8] = []
        padded.reserveCapacity(message.count + 2 * block)
        func append(_ bytes: [16 of UInt8]) { for index in 0..<block { padded.append(bytes[index]) } }
        if let first = first(before: message, block: block) { append(first) }
        for index in 0..<(message.count - message.count % block) { padded.append(message[index]) }
        if let last = last(behind: message, block: block) { append(last) }
        return padded
    }

    /// The block in front of a message, of which as many bytes count as a block has; nil where there is none.
    func first(before message: Span<UInt8>, block: Int) -> [16 of UInt8]? {
        guard self == .length else { return nil }
        var first = [16 of UInt8](repeating: 0)
        let bits = UInt64(message.count) &* 8
        for index in 0..<8 { first[block - 1 - index] = UInt8(truncatingIfNeeded: bits >> UInt64(8 * index)) }
        return first
    }

    /// What stands behind the message's whole blocks, filled up to one more; nil where nothing does.
    func last(behind message: Span<UInt8>, block: Int) -> [16 of UInt8]? {
        let rest = message.count % block
        guard rest > 0 || self == .bit || (self == .zeros && message.isEmpty) else { return nil }
        var last = [16 of UInt8](repeating: 0)
        for index in 0..<rest { last[index] = message[message.count - rest + index] }
        if self == .bit { last[rest] = 0x80 }
        return last
    }
}
