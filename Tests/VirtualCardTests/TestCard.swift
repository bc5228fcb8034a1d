import ByteText
import Testing
import VirtualCard

/// A blank virtual card under power, spoken to in hexadecimal.
///
/// Its answers come without 61xx unless the settings name another transport.
struct TestCard {
    /// CREATE MF as the FMCOS manual prints it: create right F0, erase right F0.
    static let masterFile = "80E03F000D38FFFFF0F001FFFFFFFFFFFFFF"
    /// A key file of 240 bytes to which anybody may add.
    static let keyFile = "80E00000073F00F001F0FFFF"
    /// Two-key triple DES or SM4; the key of every cryptogram that was computed with `openssl enc`.
    static let key = "0123456789ABCDEFFEDCBA9876543210"

    private let card: VirtualCard

    /// - Parameters:
    ///   - settings: profile settings, one a line.
    ///   - challenges: what GET CHALLENGE gives in turn; nil for a repeatable sequence.
    init(
        _ settings: String = "", of profile: String = "fmcos-ssse", transport: String = "direct",
        challenges: [String]? = nil
    ) throws {
        let source = try challenges.map { ChallengeSource.fixed(try $0.map(bytes)) } ?? .seeded(1)
        card = try VirtualCard(
            profile: TestProfile.variant("transport: \(transport)\n\(settings)", of: profile),
            serialNumber: [0x99, 0x01, 0x00, 0x00, 0x00, 0x01], challenges: source)
        card.powerOn()
    }

    /// Everything the card keeps without power.
    var image: [UInt8] { card.image }

    /// Resets the card.
    func powerOn() { card.powerOn() }

    /// Takes the card's power away; the next command gives it back.
    func powerOff() { card.powerOff() }

    func respond(to command: [UInt8]) -> [UInt8] { card.respond(to: command) }

    /// The card's answer with its status word.
    @discardableResult
    func send(_ command: String) throws -> String { card.respond(to: try bytes(command)).hexadecimal }

    /// Sends commands that have to be answered with 9000 and nothing else.
    func accept(_ commands: String..., sourceLocation: SourceLocation = #_sourceLocation) throws {
        for command in commands {
            #expect(try send(command) == "9000", "\(command)", sourceLocation: sourceLocation)
        }
    }

    /// Expects a status word, and that the command left everything the card keeps as it was.
    func refuse(
        _ command: String, _ statusWord: String, sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
        let before = card.image
        #expect(try send(command) == statusWord, "\(command)", sourceLocation: sourceLocation)
        #expect(card.image == before, "\(command) changed the card", sourceLocation: sourceLocation)
    }

    /// Takes challenges of 8 bytes.
    func challenge(_ count: Int = 1) throws {
        for _ in 0..<count { #expect(try send("0084000008").hasSuffix("9000")) }
    }
}

/// Bytes of a hexadecimal literal; a test fails where it is none.
func bytes(_ text: String) throws -> [UInt8] {
    try #require([UInt8](hexadecimal: text), "not hexadecimal: \(text)")
}
