import Glibc

/// Reads keys from a terminal: characters of UTF-8, control keys, and the sequences of arrows and editing keys (ECMA-48 §5.4).
struct KeyReader {
    /// A key.
    enum Key {
        case character(Character)
        case enter, interrupt, backspace, delete, tab
        /// Ctrl-D: the end on an empty line, else as Delete.
        case end
        /// The terminal is gone.
        case closed
        case up, down, left, right, home, toEnd
        case killToStart, killToEnd, killWord, clear
        /// A key that means nothing here.
        case other
    }

    let descriptor: Int32

    /// The next key.
    func next() -> Key {
        guard let first = byte() else { return .closed }
        switch first {
        case 0x01: return .home
        case 0x02: return .left
        case 0x03: return .interrupt
        case 0x04: return .end
        case 0x05: return .toEnd
        case 0x06: return .right
        case 0x08, 0x7F: return .backspace
        case 0x09: return .tab
        case 0x0A, 0x0D: return .enter
        case 0x0B: return .killToEnd
        case 0x0C: return .clear
        case 0x0E: return .down
        case 0x10: return .up
        case 0x15: return .killToStart
        case 0x17: return .killWord
        case 0x1B: return sequence()
        case ..<0x20: return .other
        default: return character(first)
        }
    }

    /// ESC [ or ESC O, parameters, and one last byte that says which key it was.
    private func sequence() -> Key {
        guard let introducer = byte() else { return .closed }
        guard introducer == 0x5B || introducer == 0x4F else { return .other }
        var parameters: [UInt8] = []
        while let next = byte() {
            guard (0x40...0x7E).contains(next) else {
                parameters.append(next)
                continue
            }
            return key(last: next, parameters: String(decoding: parameters, as: UTF8.self))
        }
        return .closed
    }

    private func key(last: UInt8, parameters: String) -> Key {
        switch (last, parameters) {
        case (0x41, _): .up
        case (0x42, _): .down
        case (0x43, _): .right
        case (0x44, _): .left
        case (0x48, _), (0x7E, "1"), (0x7E, "7"): .home
        case (0x46, _), (0x7E, "4"), (0x7E, "8"): .toEnd
        case (0x7E, "3"): .delete
        default: .other
        }
    }

    /// The rest of a UTF-8 character.
    private func character(_ first: UInt8) -> Key {
        let more: Int
        switch first {
        case ..<0x80: more = 0
        case 0xC2..<0xE0: more = 1
        case 0xE0..<0xF0: more = 2
        case 0xF0..<0xF5: more = 3
        default: return .other
        }
        var bytes = [first]
        for _ in 0..<more {
            guard let next = byte() else { return .closed }
            bytes.append(next)
        }
        guard let text = String(validating: bytes, as: UTF8.self), let character = text.first else { return .other }
        return .character(character)
    }

    /// One byte; nil at the end, however often a signal comes in between.
    private func byte() -> UInt8? {
        var byte: UInt8 = 0
        while true {
            let count = read(descriptor, &byte, 1)
            if count == 1 { return byte }
            guard count < 0, errno == EINTR else { return nil }
        }
    }
}
