import CardData
import Foundation
import ISO7816
import SmartCardReader
import Testing

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
            .readerNotFound("X", available: Array(repeating: name, count: 16)), .ambiguous(nil, matches: [name, name]),
            .readerRemoved(name), .noCard(name), .cardMute(name), .cardUnsupported(name), .cardHeld(name),
            .system(function: "SCardConnect", code: 0x8010_0004),
        ] + channelErrors.map { .card($0, name) }
    }

    /// Read as text: a code at the start of a line, its properties below it.
    private func catalogue() throws -> [String: String] {
        let file = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().appending(path: "Sources/CardData/Resources/messages-reader.yaml")
        var entries: [String: String] = [:]
        var code = ""
        for line in try String(contentsOf: file, encoding: .utf8).split(separator: "\n") where !line.hasPrefix("#") {
            if line.hasPrefix(" ") {
                entries[code, default: ""] += line + "\n"
            } else {
                code = String(line.dropLast())
                entries[code] = ""
            }
        }
        return entries
    }

    @Test func everyErrorHasAMessageWhoseGapsItFills() throws {
        let catalogue = try catalogue()
        var told: Set<String> = []
        for fault in try everyError().flatMap(\.faults) {
            told.insert(fault.code.rawValue)
            let entry = try #require(catalogue[fault.code.rawValue], "\(fault.code.rawValue) is not in the catalogue")
            for property in ["exit:", "zh:", "zhNext:", "en:", "enNext:"] {
                #expect(entry.contains("  \(property) "), "\(fault.code.rawValue) has no \(property)")
            }
            for gap in entry.matches(of: /\{(\w+)\}/) {
                #expect(fault.parameters[String(gap.1)] != nil, "\(fault.code.rawValue) does not fill \(gap.0)")
            }
        }
        #expect(told == Set(catalogue.keys.filter { $0.hasPrefix("reader.") }), "no message without an error")
    }

    // Codes: pcsclite.h.
    @Test func codesOfTheSystemAreWrittenAsInItsHeaders() {
        let fault = ReaderError.system(function: "SCardConnect", code: 0x8010_000B).faults[0]
        #expect(fault.parameters == ["function": "SCardConnect", "code": "8010000B"])
    }
}
