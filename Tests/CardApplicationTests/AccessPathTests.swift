import ByteText
import CardApplication
import CardData
import CardLayout
import Testing

/// The shortest way to each file (fmcos-ssse: states of the directories; card.md §1.3: who may read and write).
@Suite struct AccessPathTests {
    private let card: CompiledCard

    init() throws { card = try CardSite.card() }

    /// The path as `type/identifier` of each presentation; nil when there is none.
    private func path(
        _ directory: String, right: UInt8, from state: UInt8 = 0,
        allowed: (AccessPath.Presentation) -> Bool = { _ in true }
    ) throws -> [String]? {
        let directory = try #require(card.directory(directory))
        return AccessPath.find(
            right: right, from: state, own: directory.security, inherited: card.pinRecord(of: directory),
            allowed: allowed
        )?.map { "\([$0.record.type].hexadecimal)/\([$0.record.identifier].hexadecimal)" }
    }

    private func readByte(_ directory: String, _ file: String) throws -> UInt8 {
        try #require(card.directory(directory)?.file(file)).readByte
    }

    private func writeByte(_ directory: String, _ file: String) throws -> UInt8 {
        try #require(card.directory(directory)?.file(file)).writeByte
    }

    private func withoutPIN(_ presentation: AccessPath.Presentation) -> Bool { !presentation.record.isPIN }
    private func withoutKeys(_ presentation: AccessPath.Presentation) -> Bool { presentation.record.isPIN }

    @Test func theBasicDataAreFree() throws {
        #expect(try path("SSSE", right: readByte("SSSE", "EF06")) == [])
        #expect(try path("SSSE", right: readByte("SSSE", "EF06"), from: 0x0F) == [])
    }

    /// `PIN and RK1DF04`: the PIN first, then the record of the key that may only be used after it.
    @Test func bothAreNeededInOneOrder() throws {
        let right = try readByte("DF04", "EF06")
        #expect(right == 0x33)
        #expect(try path("DF04", right: right) == ["3A/00", "39/A9"])
        #expect(try path("DF04", right: right, from: 1) == ["3A/00", "39/A9"])
        #expect(try path("DF04", right: right, from: 2) == ["39/A9"])
        #expect(try path("DF04", right: right, from: 3) == [])
        #expect(try path("DF04", right: right, allowed: withoutPIN) == nil)
        #expect(try path("DF04", right: right, allowed: withoutKeys) == nil)
    }

    /// `PIN or RK1DF01`: one presentation, whichever may be made.
    @Test func eitherIsEnough() throws {
        let right = try readByte("DF01", "EF05")
        #expect(right == 0x21)
        #expect(try path("DF01", right: right)?.count == 1)
        #expect(try path("DF01", right: right, allowed: withoutKeys) == ["3A/00"])
        #expect(try path("DF01", right: right, allowed: withoutPIN) == ["39/A1"])
        #expect(try path("DF01", right: right, from: 2) == [])
        // the state of a write key is not one to read with
        #expect(try path("DF01", right: right, from: 4, allowed: withoutPIN) == ["39/A1"])
    }

    @Test func writingNeedsTheFilesOwnKey() throws {
        #expect(try path("SSSE", right: writeByte("SSSE", "EF06")) == ["39/04"])
        #expect(try path("DF01", right: writeByte("DF01", "EF06")) == ["39/94"])
        #expect(try path("DF04", right: writeByte("DF04", "EF06")) == ["39/92"])
        #expect(try path("DF01", right: writeByte("DF01", "EF06"), allowed: withoutKeys) == nil)
    }

    @Test func whatIsForbiddenHasNoPath() throws {
        #expect(try path("DF04", right: writeByte("DF04", "EF08")) == nil)
        #expect(try path("DF04", right: 0x12) == nil)
        // rights on the MF's register cannot be opened from below
        #expect(try path("DF04", right: 0x01) == nil)
        #expect(try path("DF04", right: 0x00) == [])
    }

    /// A presentation that does not lead nearer is left out, also where it could be made.
    @Test func thePathIsTheShortest() throws {
        let right: UInt8 = 0x63
        let directory = try #require(card.directory("DF04"))
        #expect(try path("DF04", right: right) == ["39/91"])
        #expect(
            AccessPath.find(right: right, from: 5, own: directory.security, inherited: nil) { _ in false } == [])
    }

    /// Access bytes over the register's values (cos-dialects §2.2).
    @Test(arguments: [
        ("F0", "++++++++++++++++"), ("00", "++++++++++++++++"), ("21", "-++-------------"), ("33", "---+------------"),
        ("EF", "----------------"), ("01", "----------------"), ("FF", "---------------+"),
    ])
    func opensBetweenTheNibbles(right: String, states: String) throws {
        let right = try #require(bytes(right).first)
        #expect(String((0...15).map { AccessPath.opens(right, $0) ? "+" : "-" }) == states)
    }

    /// Only the low half of a next state counts (cos-dialects §2.2).
    @Test func theHighHalfOfANextStateSaysNothing() throws {
        let record = KeyRecord(
            name: "UKSSSE", type: 0x39, identifier: 0x04, useRight: 0xF0, changeRight: 0xFF, nextState: 0xA4, tries: 5,
            isProtected: true, place: SourcePlace(file: "", line: 0))
        #expect(record.reachedState == 0x04)
    }
}
