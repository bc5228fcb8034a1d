import ISO7816
import Testing

@testable import CardData
@testable import SmartCardReader

@Suite struct ReaderErrorTests {
    private static let name = ReaderName(rawValue: "ACS ACR39U 00 00")

    /// One of each kind.
    private func everyError() throws -> [ReaderError] {
        let name = try #require(Self.name)
        let channelErrors: [CardChannelError] = [
            .cardRemoved, .cardWasReset, .cardMute, .readerRemoved, .malformedAnswer(1), .refused("00 D6"),
            .reader(function: "SCardTransmit", code: 0x8010_0013),
        ]
        return [
            .serviceNotRunning, .accessRefused, .serviceFull, .noReader, .readerNotFound("X", available: [name]),
            .readerNotFound("X", available: Array(repeating: name, count: 16)), .ambiguous("A", matches: [name, name]),
            .ambiguous(nil, matches: [name, name]),
            .readerRemoved(name), .noCard(name), .noCardAnywhere([name]), .cardMute(name), .cardUnsupported(name),
            .cardHeld(name),
            .cardHeldByOneOf(name, [ServiceClient(name: "pcsc_scan", process: 4711)]),
            .system(function: "SCardConnect", code: 0x8010_0004),
        ] + channelErrors.map { .card($0, name) }
    }

    /// What whoever waits may be told.
    private func everyNotice() throws -> [WaitingNotice] {
        let name = try #require(Self.name)
        return [
            .stillEmpty(name), .stillInside(name), .stillSilent(name), .serviceLost(.serviceNotRunning),
            .serviceRestored,
        ]
    }

    @Test func everyErrorHasAMessageWhoseGapsItFills() throws {
        let entries = try MessageCatalogue.bundled().entries
        var told: Set<String> = []
        for fault in try everyError().flatMap(\.faults) + everyNotice().flatMap(\.faults) + [ReaderList.limitReached] {
            told.insert(fault.code.rawValue)
            let entry = try #require(entries[fault.code], "\(fault.code.rawValue) is not in the catalogue")
            for gap in (entry.zh + entry.zhNext + entry.en + entry.enNext).matches(of: /\{(\w+)\}/) {
                #expect(fault.parameters[String(gap.1)] != nil, "\(fault.code.rawValue) does not fill \(gap.0)")
            }
        }
        // That cards alone are refused, whoever checks the machine.
        told.insert("reader.cards-refused")
        #expect(
            told == Set(entries.keys.map(\.rawValue).filter { $0.hasPrefix("reader.") }), "no message without an error")
    }

    /// polkit's refusal reaches a program as SCARD_W_SECURITY_VIOLATION (pcsclite.h).
    @Test func aRefusalOfPolkitIsToldWithWhatToDo() throws {
        let error = PCSCFailure(function: "SCardEstablishContext", code: 0x8010_006A).readerError()
        #expect(error == .accessRefused)
        let text = MessageCatalogue.standard.text(for: error.faults[0], language: .english)
        #expect(text.what.contains("polkit"))
        #expect(text.next.contains("Scripts/polkit/49-sscard-readers.rules"))
    }

    // Codes: pcsclite.h.
    @Test func codesOfTheSystemAreWrittenAsInItsHeaders() {
        let fault = ReaderError.system(function: "SCardConnect", code: 0x8010_000B).faults[0]
        #expect(fault.parameters == ["function": "SCardConnect", "code": "8010000B"])
    }
}
