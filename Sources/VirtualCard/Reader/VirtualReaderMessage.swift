/// What the virtual reader driver (vpcd) sends: two bytes of length, most significant first, then the body.
///
/// | body | meaning | answer |
/// |---|---|---|
/// | 00 | power off | none |
/// | 01 | power on | none |
/// | 02 | reset | none |
/// | 04 | say the answer to reset; also asked to see whether the card is there | length, answer to reset |
/// | 2 bytes and more | a command | length, answer |
///
/// Source: vsmartcard, vpcd.h and doc/api.txt.
enum VirtualReaderMessage: Equatable {
    case powerOff
    case powerOn
    case reset
    case answerToReset
    /// A command; where it lies in the inbox's bytes, until the next bytes are received.
    case command(Range<Int>)
    /// A body that the protocol does not know; nothing is done and nothing answered.
    case unknown
}
