import Testing

@testable import SmartCardReader

@Suite struct ReaderChoiceTests {
    private func slot(_ name: String, card: ReaderDescription.CardState = .empty) throws -> ReaderDescription {
        ReaderDescription(
            name: try #require(ReaderName(rawValue: name)), cardState: card, answerToReset: nil, eventCounter: 0,
            isHeldExclusively: false)
    }

    // Names as drivers give them: acsccid, libccid and vpcd.
    @Test(arguments: [
        ("ACS ACR1281U-C [ACR1281 1S Dual Reader SAM] 00 02", true), ("Feitian PSAM 01 00", true),
        ("Alcor SIM Reader 00 00", true), ("ACS ACR1281U-C [ACR1281 1S Dual Reader PICC] 00 01", false),
        ("Virtual PCD 0 00 00", false), ("Samsung Card Reader 00 00", false), ("Simatic 00 00", false),
    ])
    func slotsOfSecurityModulesAreGuessedByName(name: String, isSAM: Bool) throws {
        #expect(try slot(name).name.looksLikeSAMSlot == isSAM)
    }

    @Test func slotsOfTheVirtualDriverAreKnownByHowTheirNameBegins() throws {
        #expect(try slot("Virtual PCD 0 00 00").name.isVirtual)
        #expect(try !slot("ACS ACR39U 00 00").name.isVirtual)
        #expect(try !slot("ACS Virtual PCD 00 00").name.isVirtual)
    }

    @Test func aWholeNameOrAPartThatFitsOneSlotIsEnough() throws {
        let readers = [try slot("Virtual PCD 0 00 00"), try slot("Virtual PCD 0 00 01"), try slot("ACS ACR39U 00 00")]
        #expect(try ReaderList.choose("Virtual PCD 0 00 01", among: readers) == readers[1])
        #expect(try ReaderList.choose("acr39", among: readers) == readers[2])
        #expect(throws: ReaderError.ambiguous("virtual", matches: [readers[0].name, readers[1].name])) {
            try ReaderList.choose("virtual", among: readers)
        }
        #expect(throws: ReaderError.readerNotFound("HID", available: readers.map(\.name))) {
            try ReaderList.choose("HID", among: readers)
        }
    }

    @Test func withoutANameTheOnlySlotWithAHoldersCardIsMeant() throws {
        let sam = try slot("ACR1281 SAM 00 02", card: .present)
        let (first, second, other) = (try slot("A 00 00"), try slot("B 00 00", card: .mute), try slot("C 00 00"))
        #expect(try ReaderList.choose(nil, among: [sam, first, second]) == second)
        #expect(try ReaderList.choose(nil, among: [sam, first]) == first)
        #expect(throws: ReaderError.self) { try ReaderList.choose(nil, among: [first, first]) }
        #expect(throws: ReaderError.noCardAnywhere([first.name, other.name])) {
            try ReaderList.choose(nil, among: [first, sam, other])
        }
        #expect(throws: ReaderError.noReader) { try ReaderList.choose(nil, among: []) }
        #expect(throws: ReaderError.noReader) { try ReaderList.choose(nil, among: [sam]) }
    }

    @Test func namesThatPCSCCannotHaveAreNone() {
        #expect(ReaderName(rawValue: "") == nil)
        #expect(ReaderName(rawValue: "a\0b") == nil)
        #expect(ReaderName(rawValue: String(repeating: "x", count: 128)) == nil)
    }
}
