import ByteText
import CardApplication
import CardLayout
import ISO7816
import Personalization
import Testing
import VirtualCard

/// The scripts of the card operating systems, put together by hand from cos-dialects §3, §4, §9 and §10.
///
/// T514 has `T514ScriptTests`. Sizes of directories and key files: `python3 Tests/Independent/creation_sizes.py national-2.0 PROFILE`.
@Suite struct ProfileScriptTests {
    private static let keyOfBlanks = String(repeating: "F", count: 32)
    private static let environmentName = "7378312E73682EC9E7BBE1B1A3D5CF"

    /// What travels while the factory's person gets a card, GET RESPONSE left out.
    private func wire(_ layout: String) throws -> [String] {
        let factory = try CardFactory(layout: layout)
        let workshop = try factory.workshop()
        defer { workshop.close() }
        let relay = RelayChannel(try VirtualCardChannel(factory.blank()))
        try workshop.begin(factory.plan(), on: relay, values: factory.person)
        return relay.sent.filter { $0.ins != 0xC0 }.map(\.bytes.hexadecimal)
    }

    /// Every command begins as it is printed here; `…` stands for what depends on a challenge.
    private func expect(
        _ sent: [String], begin expected: [String], _ place: SourceLocation = #_sourceLocation
    ) {
        for (number, text) in expected.enumerated() {
            let whole = text.filter { $0 != " " && $0 != "…" }
            let isAsPrinted =
                sent.indices.contains(number)
                && (text.hasSuffix("…") ? sent[number].hasPrefix(whole) : sent[number] == whole)
            #expect(
                isAsPrinted, "command \(number): \(sent.indices.contains(number) ? sent[number] : "–")",
                sourceLocation: place)
        }
    }

    /// §3.1: 38 and FFFF for the whole chip, rights FF, DDF 01 and seven FF; key files 3F; DF 38 with its size and 95, name behind; §4.2: the
    /// published key 39/00 with F0 FF 0F 88; its update, type F9 (five bytes and sixteen: 18 enciphered, 1C with the MAC), and new keys P1 01.
    @Test(arguments: [("national-2.0@fmcos", "3045"), ("national-2.0", "2FA5")])
    func fmcos(layout: String, size: String) throws {
        let sent = try wire(layout)
        expect(
            sent,
            begin: [
                "80 0E 00 00 00",
                "80 E0 3F 00 0D 38 FFFF FF FF 01 FFFFFFFFFFFFFF",
                "80 E0 00 00 07 3F 0030 01 FF FFFF",
                "80 D4 01 00 15 39 F0 FF 0F 88 \(Self.keyOfBlanks)",
                "80 E0 3F 01 17 38 \(size) FF FF 95 FFFF \(Self.environmentName)",
                "00 A4 00 00 02 3F01",
                "80 E0 00 00 07 3F 00B8 95 FF FFFF",
                "80 D4 01 00 15 39 F0 FF 0F 88 \(Self.keyOfBlanks)",
                "00 84 00 00 04",
                "84 D4 39 00 1C …",
                "00 84 00 00 04", "84 D4 01 00 1C …",
                "00 84 00 00 04", "84 D4 01 04 1C …",
                "00 84 00 00 04", "84 D4 01 06 1C …",
                "00 84 00 00 04", "84 D4 01 0A 1C …",
                "00 84 00 00 04", "84 D4 01 00 1C …",
                "00 84 00 00 04", "84 D4 01 00 1C …",
                // The file of the FCI: three bytes, free, written under the master; EF05 with 40 bytes, free, written in state 4.
                "80 E0 00 15 07 28 0003 F0 FF FF FF",
                "00 D6 95 00 03 86 01 01",
                "80 E0 EF 05 07 2C 0040 F0 44 FF FF",
                // The identification code is blank at first: tag 01, sixteen bytes; then the class of the card with its value.
                "00 E2 00 2C 12 01 10 …",
                "00 E2 00 2C 03 02 01 33",
            ])
    }

    /// Plain FMCOS: a PIN of its own and the key that resets it in each application; one challenge of eight bytes for EXTERNAL AUTHENTICATE
    /// (§6.6) in place of two and sixteen.
    @Test func plainFMCOS() throws {
        let sent = try wire("national-2.0@fmcos")
        #expect(sent.contains("80E0DF010E3809F9FFFFFFFFFFD15600000500"))
        #expect(sent.contains("80E00000073F0178FFFFFFFF"))
        let authentications = sent.indices.filter { sent[$0].hasPrefix("0082") }
        #expect(!authentications.isEmpty)
        for place in authentications {
            #expect(sent[place].dropFirst(6).dropFirst(2).hasPrefix("08"))
            #expect(sent[place - 1] == "0084000008")
            #expect(sent[place - 2] != "0084000008")
        }
        // EF07 of DF02 is a ring; the PIN has type 3A, five bytes and three: 10 enciphered, 14 with the MAC; VERIFY presents it once in each.
        #expect(sent.contains { $0.hasPrefix("80E0EF07072E") })
        #expect(sent.count { $0 == "0020000003925814" } >= 5)
        #expect(sent.count { $0.hasPrefix("84D4010014") } == 5)
        #expect(sent.suffix(6).first == "0084000008")
    }

    /// §3.4, §4: the maker's master file stays; its key 39/00 opens it, everything in it is erased; type F9, right AA, state 0A, tries 33, the
    /// published text as key; DF information ends in FF and the key file names the FCI file; a directory's first master is a new key that
    /// travels under the one above.
    @Test func timeCOS() throws {
        let sent = try wire("national-2.0@timecos")
        expect(
            sent,
            begin: [
                "00 84 00 00 08",
                "00 82 00 00 08 …",
                "80 0E 00 00 00",
                "80 E0 00 00 07 3F 0038 01 AA FFFF",
                "80 D4 01 00 15 F9 F0 AA 0A 33 57415443484441544154696D65434F53",
                "80 E0 3F 01 17 38 3183 FF FF FF FFFF \(Self.environmentName)",
                "00 A4 00 00 02 3F01",
                "80 E0 00 00 07 3F 00D8 95 FF FFFF",
                "00 84 00 00 04", "84 D4 01 00 1C …",
                "00 84 00 00 04", "84 D4 01 00 1C …",
            ])
        // An update carries the new key alone: one length byte and sixteen are 18 enciphered, 1C with the MAC.
        #expect(sent.contains { $0.hasPrefix("84D439001C") })
    }

    /// §3.6: the maker's key (zeros) is presented, BF CE clears; P2 of CREATE names the kind; a security file 0B; keys as use, identifier,
    /// version, algorithm, right of two bytes, limit, state; BF FE freezes at the end.
    @Test func mcos() throws {
        let sent = try wire("national-2.0@mcos")
        expect(
            sent,
            begin: [
                "00 84 00 00 08",
                "00 82 00 00 08 …",
                "BF CE 00 00 …",
                "80 E0 00 00 19 3F00 00 00 00 00 00 FF 00 00 33 315041592E5359532E4444463031",
                "80 E0 00 0B 08 0001 0030 00 00 00 FF",
                "80 D4 00 01 18 01 00 00 00 00 00 88 0F 00000000000000000000000000000000",
                "80 E0 00 01 1C 3F01 309F 00 0000 00 15 FF 00 00 33 \(Self.environmentName)",
                "00 A4 00 00 02 3F01",
                "80 E0 00 0B 08 0001 00B8 00 00 00 FF",
            ])
        #expect(sent.contains("80E000050EEF05004000000000000044000000"))
        #expect(sent.last?.hasPrefix("BFFE0000") == true)
    }

    /// §10.2, §10.4: ISD, INITIALIZE UPDATE (eight bytes of the host), EXTERNAL AUTHENTICATE with the level, DELETE of old instances from the
    /// last, INSTALL for install and make selectable; with C-MAC every command has CLA 84 and eight bytes more, and is else in plain.
    @Test func globalPlatform02() throws {
        let sent = try globalPlatform("globalplatform", layout: "national-2.0")
        expect(
            sent,
            begin: [
                "00 A4 04 00 08 A000000151000000 00",
                "80 50 00 00 08 …",
                "84 82 01 00 10 …",
            ])
        let deletion = try #require(sent.firstIndex { $0.hasPrefix("84E40000194F0F\(Self.environmentName)") })
        // Load file (8), module (9), instance (15), privileges, parameters C900, no token: six lengths and these are 2A, with the MAC 32.
        let installation =
            "84E60C003108D15600000599000109D156000005990001010F\(Self.environmentName)"
        let place = try #require(sent.firstIndex { $0.hasPrefix("\(installation)010002C90000") })
        #expect(deletion < place)
        // Keys first, enciphered (60): five of sixteen bytes in 8000; the last block 80; the PIN 8010 in eight bytes.
        #expect(sent.contains { $0.hasPrefix("84E260005B800050") })
        #expect(sent.contains { $0.hasPrefix("84E2600113801008") })
        #expect(sent.contains { $0.hasPrefix("84E2") && $0.dropFirst(4).hasPrefix("80") })
        // PUT KEY takes the version 20 away.
        #expect(sent.contains { $0.hasPrefix("84D820") })
    }

    /// SCP03 at level 33; the life cycle INITIALIZED and SECURED before PUT KEY.
    @Test func globalPlatform03() throws {
        let sent = try globalPlatform("globalplatform-scp03", layout: "national-3.0")
        expect(
            sent, begin: ["00 A4 04 00 08 A000000151000000 00", "80 50 00 00 08 …", "84 82 33 00 10 …"])
        let states = ["84F08007", "84F0800F", "84D820"].map { command in sent.firstIndex { $0.hasPrefix(command) } }
        #expect(states == states.compactMap(\.self).sorted())
    }

    private func globalPlatform(_ profile: String, layout: String) throws -> [String] {
        let site = try GlobalPlatformSite(layout: layout, profile: profile)
        let workshop = try site.workshop()
        defer { workshop.close() }
        let relay = RelayChannel(try VirtualCardChannel(site.card))
        try workshop.begin(site.plan(), on: relay)
        return relay.sent.filter { $0.ins != 0xC0 }.map(\.bytes.hexadecimal)
    }
}
