/// One record of a key file: found by type and identifier together.
struct KeySlot {
    /// The type of the record that keeps the card's own key pair; no command of the key file knows it.
    static let pairType: UInt8 = 0x1A

    /// The type byte with its protection bits.
    var type: UInt8
    let identifier: UInt8
    let useRight: UInt8
    let changeRight: UInt8
    /// The register's value after success (39, 3A), the version (30–34), else FF.
    let nextState: UInt8
    /// High nibble: the most tries; low nibble: the tries left; for 30–34 the algorithm byte.
    var counter: UInt8
    var value: [UInt8]

    /// The type byte without protection bits: 39 and F9 name the same key.
    var baseType: UInt8 { KeySlot.baseType(of: type) }
    /// True when updates, and a PIN to be compared, must come with a MAC (bit 7 of the type).
    var isProtected: Bool { type & 0x40 != 0 }
    /// True when they must come enciphered too (bits 8 and 7).
    var isEnciphered: Bool { type & 0xC0 == 0xC0 }
    var hasCounter: Bool { [0x36, 0x37, 0x38, 0x39, 0x3A].contains(baseType) }
    var triesLeft: Int { Int(counter & 0x0F) }

    mutating func noteFailure() { if counter & 0x0F > 0 { counter -= 1 } }
    mutating func noteSuccess() { counter = counter & 0xF0 | counter >> 4 }
}

/// The one key file of a directory.
struct KeyFile {
    let capacity: Int
    let addRight: UInt8
    var slots: [KeySlot] = []

    func index(baseType: UInt8, identifier: UInt8) -> Int? {
        slots.firstIndex { $0.baseType == baseType && $0.identifier == identifier }
    }

    /// The place of the key with the first of these types that has this identifier.
    func index(anyOf baseTypes: [UInt8], identifier: UInt8) -> Int? {
        baseTypes.lazy.compactMap { index(baseType: $0, identifier: identifier) }.first
    }

    /// The bytes that its keys take of its capacity, which the card's own pair has no part in.
    func used(overhead: Int) -> Int {
        slots.reduce(0) { $1.type == KeySlot.pairType ? $0 : $0 + $1.value.count + overhead }
    }

    /// The directory's master key 39/00.
    var master: KeySlot? { index(baseType: 0x39, identifier: 0x00).map { slots[$0] } }
}
