extension VirtualCard: VirtualReaderCard {
    /// The answer to reset.
    public var answerToReset: [UInt8] { memory.answerToReset }

    /// A warm reset.
    public func reset() { powerOn() }

    /// Nothing happens just now: what was written is brought to the disk.
    public func idle() { sync() }
}
