extension CommandAPDU {
    /// Whether it may be sent again with the Le that 6Cxx names: reading and selecting alone.
    ///
    /// A card that compares before it looks at Le has counted the first try of a PIN or key already, and the second one would cost
    /// another; what writes may have been written. A protected command has used its challenge up.
    public var mayBeRepeated: Bool { cla & 0x04 == 0 && Self.readingInstructions.contains(ins) }

    /// INTERNAL AUTHENTICATE, SELECT, READ BINARY, READ RECORD, GET RESPONSE, GET DATA, GET STATUS, and GET CHALLENGE, whose first
    /// answer brought none.
    private static let readingInstructions: Set<UInt8> = [0x84, 0x88, 0xA4, 0xB0, 0xB2, 0xC0, 0xCA, 0xF2]
}
