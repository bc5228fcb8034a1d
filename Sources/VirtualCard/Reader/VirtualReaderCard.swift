/// A card as a virtual reader sees it: contacts, and bytes in and out.
///
/// All calls come one after the other, on the thread that serves the connection.
public protocol VirtualReaderCard: AnyObject {
    /// The answer to reset, 2…33 bytes; the reader asks for it at any time.
    var answerToReset: [UInt8] { get }
    /// The reader gives power.
    func powerOn()
    /// The reader takes power away.
    func powerOff()
    /// The reader resets the card, which stays powered.
    func reset()
    /// Answers a command: data, then the two bytes of the status word.
    func respond(to command: [UInt8]) -> [UInt8]
    /// The reader looked whether the card is there, which it does every 400 ms; there is time for things put off.
    func idle()
}
