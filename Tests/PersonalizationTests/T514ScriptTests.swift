import ByteText
import CardApplication
import CardData
import CardLayout
import ISO7816
import IssuerKeys
import Personalization
import Testing
import VirtualCard

/// The issue script of T514, byte by byte as cos-dialects §3.7 and §9 describe it; every command here is put together from that text by hand.
@Suite struct T514ScriptTests {
    /// What travels while the factory's person gets a card, GET RESPONSE left out.
    private func wire(_ compiled: CompiledCard? = nil, _ values: [String: String] = [:]) throws -> [String] {
        let factory = try compiled.map { try CardFactory($0) } ?? CardFactory(layout: "national-2.0@t514")
        let workshop = try factory.workshop()
        defer { workshop.close() }
        let relay = RelayChannel(try VirtualCardChannel(factory.blank()))
        let person = factory.person.merging(values) { $1 }
        let plan = try factory.plan(person)
        try workshop.begin(plan, on: relay, values: person)
        #expect(plan.commandCount == plan.minimum.total)
        return relay.sent.filter { $0.ins != 0xC0 }.map(\.bytes.hexadecimal)
    }

    private static let keyOfBlanks = String(repeating: "F", count: 32)
    private static let environmentName = "7378312E73682EC9E7BBE1B1A3D5CF"

    /// §3.7: CREATE is 80 E0 01 00 with 16 bytes and a name; rights are 00 FF; keys have eight bytes before them.
    ///
    /// The chip is 00 87 BF 10 02 8649, city 9901, serial 00000001. The transport code is
    /// `printf 0000990100000001 | xxd -r -p | openssl enc -des-ede3-ecb -nopad -K F…F | xxd -p`. A key file holds 24 bytes a key: two.
    @Test func theMasterFileIsMadeInTheOrderOfTheScript() throws {
        let sent = try wire()
        #expect(
            sent.prefix(11) == [
                "80E10001023F00",
                "80E005000D 0087BF10028649990100000001".compact,
                "80E0030008 C360090AD835F11E".compact,
                "80E0010010 000000FF01 3F00 01 00 01 15 0000 1E 00 00".compact,
                "80E0010010 000000 0030 001E C3 00 1E 00 18 00EF 00FF".compact,
                "80D4010018 00 00 00 EF 88 00 0F 10 \(Self.keyOfBlanks)".compact,
                "80E0010010 000000 0013 0001 D6 00 01 00 00 0000 00FF".compact,
                "00D2010C13 61114F0F \(Self.environmentName)".compact,
                "80E0010010 000000 0003 0015 C4 00 15 00 00 0000 00FF".compact,
                "00D6950003 880101".compact,
                "0084000008",
            ])
        #expect(sent[11].hasPrefix("0082000008"))
        #expect(
            sent[12...15] == [
                "80E001001F 000000FF01 3F01 01 00 00 15 0000 1E 00 00 \(Self.environmentName)".compact,
                "00A40000023F01",
                // Six keys of 24 bytes and a PIN of 16.
                "80E0010010 000000 00A0 001E C3 00 1E 00 18 00EF 00FF".compact,
                "80D4010018 00 00 00 EF 88 00 0F 10 \(Self.keyOfBlanks)".compact,
            ])
    }

    /// §3.7: "type, id, version, EF, counter, algorithm (00 3DES), level, length, key", by the types 0E IRK, 0D external authentication,
    /// 07 STK, once, and 01 PIN.
    ///
    /// The version carries the right of use and the level the state, where fmcos-ssse has them; STK serves after PUK. The PIN has
    /// eight bytes, filled up with FF. 08,
    /// DLK, is the key of account loads, and none.
    @Test func theKeysOfTheEnvironmentAreLoadedOnceEach() throws {
        let plan = try CardFactory(layout: "national-2.0@t514").plan()
        let names = ["IRK", "UKSSSE", "PUK", "RKSSSE", "STK", "PIN"]
        let loads = plan.steps.compactMap { step -> (String, [UInt8])? in
            guard case .writeKey(let record, _, false, _) = step.operation, names.contains(record.name) else {
                return nil
            }
            let header = try? plan.profile.keyLoading(of: record, isUpdate: false)
            return (record.name, [header?.p1 ?? 0xFF, header?.p2 ?? 0xFF] + (header?.header ?? []))
        }
        #expect(loads.map(\.0) == names)
        #expect(
            loads.map(\.1.hexadecimal) == [
                "0000 0E 00 00 EF 00 00 00 10".compact, "0000 0D 04 00 EF 55 00 04 10".compact,
                "0000 0D 06 00 EF 55 00 03 10".compact, "0000 0D 0A 00 EF 55 00 01 10".compact,
                "0000 07 00 33 EF 55 00 FF 10".compact, "0000 01 00 00 EF 66 00 02 08".compact,
            ])
        #expect(plan.profile.codes.keyType(ofCode: 0x08, identifier: 0x00) == nil)
    }

    /// FCI before the authentication, then each file made and selected, each record blank and then with its value.
    @Test func theFilesOfTheEnvironmentAreMadeInTheOrderOfTheScript() throws {
        let sent = try wire()
        let template = try #require(sent.firstIndex(of: "80E0010010 000000000600 15C4001500000000 00FF".compact))
        #expect(sent[template + 1] == "00D6950006 9F0C03860101".compact)
        #expect(sent[template + 2] == "0084000008")
        #expect(sent[template + 3].hasPrefix("0082000008"))
        // EF05 has seven elements: 12 03 06 0E 06 06 0B bytes with tags and lengths, 40 in all.
        #expect(sent[template + 4] == "80E0010010 000000 0040 EF05 C6 00050000 0000 0044".compact)
        #expect(sent[template + 5] == "00A4000002EF05")
        // The class of the card: tag 02, one byte, blank 00, then 3 in ASCII, the second record of short identifier 05.
        let blank = try #require(sent.firstIndex(of: "00D2022C03 020100".compact))
        let value = try #require(sent.firstIndex(of: "00D2022C03 020133".compact))
        #expect(template + 5 < blank && blank < value)
        #expect(!sent.contains { $0.hasPrefix("00E2") || $0.hasPrefix("00DC02") })
    }

    /// Only the application D15600000503 has a transaction file; in the others its short identifier is 00.
    @Test func oneApplicationHasATransactionFile() throws {
        let sent = try wire()
        let creation = "80E0010016 000000FF01".compact
        let kind = "02 00 00 00 0000 1E 00"
        #expect(sent.contains("\(creation) DF04 \(kind) 1D D15600000503".compact))
        #expect(sent.contains("\(creation) DF03 \(kind) 00 D15600000502".compact))
        // Ten records of 17 bytes, which no file command reads or writes.
        let file = "80E0010010 000000 00E6 001D C3 001D0017 00EF 00EF".compact
        let place = try #require(sent.firstIndex(of: file))
        #expect(sent.count { $0 == file } == 1)
        #expect(sent[..<place].last { $0.hasPrefix("00A40000") } == "00A4000002DF04")
        #expect(sent[place - 1].hasPrefix("0082000008"), "after the authentication")
        #expect(sent[place + 1].dropFirst(20).hasPrefix("EF05C600050000"))
    }

    /// A photo of 1000 bytes (hexadecimal) goes in pieces of 80: 32 of them, those behind the 256th byte with an offset of two bytes.
    @Test func binaryContentGoesInPiecesOf80() throws {
        let photo = [0xFF, 0xD8, 0xFF] + [UInt8](repeating: 0x5A, count: 4091) + [0xFF, 0xD9]
        let sent = try wire(nil, ["photo": photo.hexadecimal])
        let pieces = sent.filter { $0.hasPrefix("00D6") && $0.count > 200 }
        #expect(pieces.count == 32)
        #expect(pieces.allSatisfy { $0.dropFirst(8).hasPrefix("80") && $0.count == 2 * (5 + 0x80) })
        // The file is selected for the writing, so that every offset has two bytes from the third piece on.
        #expect(pieces.map { $0.dropFirst(4).prefix(4) }.suffix(2) == ["0F00", "0F80"])
    }

    /// "End" for the master file, the environment and every application, and nothing behind it.
    @Test func creationIsEndedForEveryDirectory() throws {
        let end = "80E0020000"
        let sent = try wire()
        let directories = ["3F01", "DF01", "DF02", "DF03", "DF04", "DF07"]
        let last = [end] + directories.flatMap { ["00A4000002" + $0, end] }
        #expect(sent.suffix(last.count) == last[...])
    }

    /// What no public text settles is a setting: each value makes a card, in the fewest commands.
    @Test func theSettingsOfTheScriptAreTaken() throws {
        func sent(_ settings: String) throws -> [String] {
            try wire(RegionLayout.compiled("profile: region", profile: settings, on: "t514"))
        }
        let whole = try sent("commands: {answer-to-reset: \"80 E0 05 00 | {answerToReset}\"}")
        #expect(whole[1] == "80E0050011 3B6D0000 0087BF10028649990100000001".compact)
        let none = try sent("commands: {answer-to-reset: none}")
        #expect(none[1].hasPrefix("80E0030008"))
        #expect(none.count == whole.count - 1)
        let unselected = try sent("selectsNewFiles: false")
        #expect(!unselected.contains("00A4000002EF05"))
        let label = try sent(
            "directories: {MF: {shortIdentifier: 01, directoryFile: {identifier: 0002, size: 64, recordLength: 19, "
                + "read: 00, write: FF}}}")
        #expect(label.contains("80E0010010 000000 0040 0002 D6 00020013 0000 00FF".compact))
        #expect(label.contains("00D2011413 61114F0F \(Self.environmentName)".compact))
        #expect(!label.contains("00D6950003880101"))
    }

    /// The other documented rule for the factor, T8 to TD and 0000, changes the keys and not the transport code: that is made of the
    /// answer to reset.
    @Test func theTransportCodeIsThatOfTheChipWhateverTheFactorIs() throws {
        let sent = try wire(
            RegionLayout.compiled(
                "profile: region", profile: "cardFactor: {offset: 7, count: 6, suffix: 0000}", on: "t514"))
        #expect(sent[2] == "80E0030008 C360090AD835F11E".compact)
    }

    /// A command of the profile must be there for the file that it makes.
    @Test func aSystemFileWithoutItsCommandIsTold() throws {
        let error = #expect(throws: Faults.self) {
            try RegionLayout.compiled("profile: region", profile: "commands: {create-directory-file: none}", on: "t514")
        }
        #expect(error?.faults.map(\.code.rawValue) == ["layout.command-missing"])
    }

    // MARK: - Looking at the card

    private func made(_ compiled: CompiledCard, _ factory: CardFactory) throws -> VirtualCard {
        let workshop = try factory.workshop()
        defer { workshop.close() }
        let card = try factory.blank()
        try workshop.begin(factory.plan(), on: VirtualCardChannel(card), values: factory.person)
        return card
    }

    private func verdicts(_ card: VirtualCard, by compiled: CompiledCard, _ factory: CardFactory) throws -> [String] {
        let channel = try VirtualCardChannel(card)
        let findings = try CardVerifier(
            factory.conversation(channel), compiled, encoder: PersonImageEncoder(layout: compiled.layout),
            presentsKeys: false
        ).check()
        return findings.filter { $0.file.flatMap(SystemFile.Role.init) != nil }.map { finding in
            let verdict =
                if case .violated(let faults) = finding.verdict { faults.map(\.code.rawValue).joined() } else { "ok" }
            return "\(finding.directory ?? "")/\(finding.file ?? "") \(finding.rule.rawValue) \(verdict)"
        }
    }

    /// Dump, verification and comparison know the list, the templates and the transaction file.
    @Test func theFilesOfTheCardSystemAreLookedAt() throws {
        let factory = try CardFactory(layout: "national-2.0@t514")
        let card = try made(factory.compiled, factory)
        let reader = try CardReader(
            factory.conversation(VirtualCardChannel(card)), factory.compiled, presentsKeys: false)
        let readings = try reader.readSystemFiles()
        #expect(readings.map { "\($0.directory)/\($0.file)" } == ["MF/DIR", "MF/FCI", "SSSE/FCI", "DF04/TF"])
        #expect(readings[0].outcome.recordsAsText == ["61114F0F\(Self.environmentName)"])
        #expect(readings[2].outcome == .bytes([0x9F, 0x0C, 0x03, 0x86, 0x01, 0x01]))
        #expect(readings[3].outcome == .notOpen)
        #expect(
            try verdicts(card, by: factory.compiled, factory) == [
                "MF/DIR file-present ok", "MF/DIR value ok", "MF/FCI file-present ok", "MF/FCI value ok",
                "SSSE/FCI file-present ok", "SSSE/FCI value ok", "DF04/TF file-present ok",
            ])
        func dump(_ readings: [FileReading]) -> CardInventory {
            CardInventory(
                CardDump(layoutName: "national-2.0", answerToReset: [0x3B, 0x00], readings: readings),
                by: factory.compiled.layout)
        }
        let same = CardComparison(dump(readings), dump(readings), layout: factory.compiled.layout)
        #expect(same.differences.isEmpty)
        let others = try CardComparison(
            dump(readings),
            CardInventory(
                PersonImageEncoder(layout: factory.compiled.layout).encode(factory.person),
                of: RegionLayout.compiled(
                    RegionLayout.newDirectory(version: "2.00"), profile: RegionLayout.newDirectoryProfile, on: "t514")),
            layout: factory.compiled.layout)
        let found = others.differences.filter { $0.directory == "MF" }
        #expect(found.map { "\($0.file ?? "") \($0.element ?? "") \($0.kind.rawValue)" } == ["DIR 2 only-second"])
    }

    /// A card with a second directory below the master file lists two applications: made whole, and told as another by the first layout.
    @Test func theListHasEveryDirectoryBelowTheMasterFile() throws {
        let compiled = try RegionLayout.compiled(
            RegionLayout.newDirectory(version: "2.00"), profile: RegionLayout.newDirectoryProfile, on: "t514")
        let sent = try wire(compiled)
        let place = try #require(sent.firstIndex(of: "00D2010C13 61114F0F \(Self.environmentName)".compact))
        #expect(sent[place + 1] == "00D2020C0B 61094F07 D1560000059901".compact)
        // Behind the last application of the environment the way to DF0A leads over the master file.
        #expect(sent.suffix(3) == ["00A40000023F00", "00A4000002DF0A", "80E0020000"])
        let factory = try CardFactory(compiled)
        let card = try made(compiled, factory)
        let first = try CardFactory(layout: "national-2.0@t514")
        #expect(
            try verdicts(card, by: first.compiled, first).filter { !$0.hasSuffix(" ok") } == [
                "MF/DIR value card-verify.system-content"
            ])
    }
}

extension FileReading.Outcome {
    /// Records in hexadecimal digits; nil for everything else.
    fileprivate var recordsAsText: [String]? {
        if case .records(let records) = self { records.map(\.hexadecimal) } else { nil }
    }
}

extension String {
    /// The same without its blanks.
    fileprivate var compact: String { filter { $0 != " " } }
}
