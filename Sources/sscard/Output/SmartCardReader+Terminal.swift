import SmartCardReader

extension SmartCardReader {
    /// The reader of a name or part of one, or the only one; a card in it that falls silent is told at the terminal.
    static func attached(_ name: String?) throws(ReaderError) -> SmartCardReader {
        SmartCardReader(try ReaderList.reader(named: name).name) { Terminal.tell($0.faults) }
    }
}
