import ByteText
import CardApplication
import CardData
import CardLayout
import ISO7816
import IssuerKeys
import Personalization
import Testing
import VirtualCard

/// Every kind of card of the house, made and read back in process with every file full.
@Suite struct CardKindTests {
    static func full(_ layout: CardLayout) throws -> [String: String] {
        let codes = try CodeLookup(folder: LayoutLibrary(home: CardFactory.home).folder + "/tables")
        return try ExampleRecord(layout: layout, codes: codes).values
    }

    /// What keys and PIN open of a card.
    static func content(_ card: VirtualCard, _ factory: CardFactory) throws -> CardContent {
        let channel = try VirtualCardChannel(card)
        let readings = try CardReader(factory.conversation(channel), factory.compiled, presentsKeys: true, pinLength: 3)
            .read()
        var raw: [String: [String: CardContent.RawFile]] = [:]
        for reading in readings {
            switch reading.outcome {
            case .records(let records): raw[reading.directory, default: [:]][reading.file] = .records(records)
            case .bytes(let bytes): raw[reading.directory, default: [:]][reading.file] = .bytes(bytes)
            case .neverWritten: break
            case .notOpen, .protected, .absent, .refused:
                Issue.record("\(reading.directory).\(reading.file) was not read")
            }
        }
        return CardContent(raw, layout: factory.compiled.layout)
    }

    static func made(_ values: [String: String], _ factory: CardFactory) throws -> VirtualCard {
        let workshop = try factory.workshop()
        defer { workshop.close() }
        let card = try factory.blank()
        try workshop.begin(factory.plan(values), on: VirtualCardChannel(card), values: values)
        return card
    }

    @Test(arguments: ["example-region", "example-region-1.1", "national-1.0", "national-2.0", "national-3.0"])
    func aFullCardIsMadeAndReadBack(layout: String) throws {
        let factory = try CardFactory(layout: layout)
        let values = try Self.full(factory.compiled.layout)
        let plan = try factory.plan(values)
        #expect(plan.commandCount == plan.minimum.total)
        let content = try Self.content(try Self.made(values, factory), factory)
        var expected = values
        expected["SSSE.EF05.specificationVersion"] = factory.compiled.layout.specificationVersion
        #expect(content.values == expected)
        #expect(content.warnings.isEmpty)
    }

    @Test func aCardOfVersion1HoldsItsRecordsInItsOwnOrder() throws {
        let factory = try CardFactory(layout: "national-1.0")
        let card = try Self.made(try Self.full(factory.compiled.layout), factory)
        let channel = try VirtualCardChannel(card)
        let environment = try #require([UInt8](hexadecimal: "00A404000F7378312E73682EC9E7BBE1B1A3D5CF"))
        _ = try channel.transmit(CommandAPDU(bytes: environment))
        // READ RECORD 3 of EF06: 0A, 性别 (card.md §1.4).
        let record = try channel.transmit(CommandAPDU(bytes: [0x00, 0xB2, 0x03, 0x34, 0x03]))
        #expect(record.data == [0x0A, 0x01, 0x31])
    }

    @Test func aNewMeaningOnAnOldCardIsReadAsSuch() throws {
        let factory = try CardFactory(layout: "national-1.0")
        var values = try Self.full(factory.compiled.layout).filter { !$0.key.hasPrefix("DF01.EF0A") }
        values["DF01.EF0A.nationality"] = "CHN"
        values["DF01.EF0A.politicalStatus"] = "01"
        values["DF01.EF0A.partyJoiningDate"] = "20010701"
        let content = try Self.content(try Self.made(values, factory), factory)
        #expect(content["DF01", "EF0A", "nationality"] == .text("CHN"))
        #expect(content["DF01", "EF0A", "partyJoiningDate"] == .text("20010701"))
        #expect(content["DF01", "EF0A", "wage"] == nil)
    }

    @Test func aPhotoOfAWholeFileTravelsInPieces() throws {
        let factory = try CardFactory()
        var values = factory.person
        let photo = [0xFF, 0xD8, 0xFF] + (0..<4091).map { UInt8(truncatingIfNeeded: $0 &* 31) } + [0xFF, 0xD9]
        let finger = (0..<768).map { UInt8(truncatingIfNeeded: $0 &* 7 &+ 1) }
        values["photo"] = photo.hexadecimal
        values["fingerprints"] = finger.hexadecimal
        let writes = try factory.plan(values).steps.filter { step in
            step.purpose.kind == .writeElement && step.purpose.subject == "SSSE/EF08"
        }
        // 239 data bytes a command at most (profile): 4096 = 17 × 239 + 33.
        #expect(writes.count == 18)
        let content = try Self.content(try Self.made(values, factory), factory)
        #expect(content["SSSE", "EF08", "photo"] == .bytes(photo))
        #expect(content["SSSE", "EF07", "fingerprints"] == .bytes(finger))
    }

    /// How much READ BINARY asks for at a time is the profile's: 256 bytes are the most.
    @Test(arguments: [(256, 16), (178, 24)]) func aPhotoIsReadInPiecesOfTheProfile(size: Int, count: Int) throws {
        let factory = try CardFactory()
        let compiled = try RegionLayout.compiled(
            "specificationVersion: \"2.00\"\nprofile: region", profile: "largestAnswerData: \(size)")
        let photo = [0xFF, 0xD8, 0xFF] + (0..<4091).map { UInt8(truncatingIfNeeded: $0 &* 31) } + [0xFF, 0xD9]
        let values = factory.person.merging(["photo": photo.hexadecimal]) { $1 }
        let plan = try CardPlanner(compiled).plan(
            for: PersonImageEncoder(layout: compiled.layout).encode(values), pinLength: 3)
        #expect(plan.commandCount == plan.minimum.total)
        let reads = plan.steps.filter { $0.purpose.kind == .readBack && $0.purpose.subject == "SSSE/EF08" }
        #expect(reads.count == count)
        let workshop = try factory.workshop()
        defer { workshop.close() }
        let card = try VirtualCard(profile: compiled.profile, serialNumber: CardFactory.serialNumber)
        try workshop.begin(plan, on: VirtualCardChannel(card), values: values)
        let conversation = try factory.conversation(VirtualCardChannel(card))
        let readings = try CardReader(conversation, compiled, presentsKeys: true).read(directories: ["SSSE"])
        #expect(readings.first { $0.file == "EF08" }?.outcome == .bytes(photo))
    }

    /// Offsets of one byte go with the short identifier: 300 bytes are reached in two pieces, at 0 and at 239.
    @Test func aFileWhosePiecesBeginBefore256IsNotSelected() throws {
        let layout = RegionLayout.newDirectory(version: "2.00").replacing("size: 20", with: "size: 12C")
        let compiled = try RegionLayout.compiled(
            layout + "\n        elements:\n          map: {title: 地图, type: b, length: 12C}",
            profile: RegionLayout.newDirectoryProfile)
        let map = [UInt8](repeating: 0x5A, count: 0x12C)
        let values = try CardFactory().person.merging(["map": map.hexadecimal]) { $1 }
        let plan = try CardPlanner(compiled).plan(
            for: PersonImageEncoder(layout: compiled.layout).encode(values), pinLength: 3)
        let steps = plan.steps.filter { $0.purpose.subject == "DF0A/EF06" && $0.purpose.kind != .createFile }
        #expect(steps.map(\.purpose.kind) == [.writeElement, .writeElement, .readBack, .readBack])
    }

    // MARK: rings

    @Test func theTransactionsOfACardAreNeverWrittenByUs() throws {
        let factory = try CardFactory()
        let values = try Self.full(factory.compiled.layout)
        #expect(values.keys.allSatisfy { $0 != "DF04.EF08" })
        let plan = try factory.plan(values)
        let subjects = plan.steps.filter { $0.purpose.kind == .writeElement || $0.purpose.kind == .writeBlankRecord }
            .map(\.purpose.subject)
        #expect(subjects.contains { $0.hasPrefix("DF04/EF15") })
        #expect(!subjects.contains { $0.hasPrefix("DF04/EF08") })
        #expect(throws: Faults("layout.written-by-card", ["file": "DF04.EF08"])) {
            _ = try factory.plan(factory.person.merging(["DF04.EF08": "kind=1"]) { _, new in new })
        }
    }

    @Test func whatIsAppendedToARingComesFirst() throws {
        let factory = try CardFactory()
        var values = factory.person
        values["DF02.EF07"] = "occupation=2020100|occupation=1010100"
        let card = try Self.made(values, factory)
        let channel = try VirtualCardChannel(card)
        let conversation = try factory.conversation(channel)
        let directory = try #require(factory.compiled.directory("DF02"))
        let file = try #require(directory.file("EF07")?.file)
        let key = try #require(directory.security.keys.first { $0.name == "UK3DF02" })
        let commands = CardCommands(profile: factory.compiled.profile)
        let environment = try #require(factory.compiled.directory("SSSE")?.directory?.dedicatedFileName)
        try conversation.perform(.fixed(commands.select(name: environment)))
        try conversation.perform(.fixed(commands.select(identifier: directory.identifier)))
        for occupation in ["3030100", "4040100", "5050100"] {
            // The session form: both challenges are used up by each authentication.
            for _ in 0..<2 { try conversation.perform(.fixed(commands.getChallenge(8))) }
            try conversation.perform(
                .authenticate(.issuer(KeyName(rawValue: key.name)), identifier: key.identifier, form: .session))
            let record = try RowCodec.encode(["occupation": occupation], of: file)
            try conversation.perform(.fixed(commands.appendCyclic(to: file, record)))
        }
        // Four records: of the five the oldest is gone.
        let content = try Self.content(card, factory)
        #expect(
            content.values["DF02.EF07"] == "occupation=5050100|occupation=4040100|occupation=3030100|occupation=2020100"
        )
    }
}
