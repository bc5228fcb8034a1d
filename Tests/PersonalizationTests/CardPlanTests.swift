import ByteText
import CardApplication
import CardData
import CardLayout
import ISO7816
import Personalization
import Testing
import VirtualCard

@Suite struct CardPlanTests {
    @Test(arguments: ["national-2.0", "national-3.0"])
    func aPlannedCardIsMadeAndReadBack(layout: String) throws {
        let factory = try CardFactory(layout: layout)
        let workshop = try factory.workshop()
        defer { workshop.close() }
        let card = try factory.blank()
        try workshop.begin(factory.plan(), on: VirtualCardChannel(card), values: factory.person)
        let channel = try VirtualCardChannel(card)
        let readings = try CardReader(factory.conversation(channel), factory.compiled, presentsKeys: true, pinLength: 3)
            .read()
        var raw: [String: [String: CardContent.RawFile]] = [:]
        for reading in readings {
            if case .records(let records) = reading.outcome {
                raw[reading.directory, default: [:]][reading.file] = .records(records)
            }
        }
        let content = CardContent(raw, layout: factory.compiled.layout)
        #expect(content.warnings.isEmpty)
        #expect(content["SSSE", "EF06", "name"]?.text == factory.person["name"])
        #expect(content["SSSE", "EF06", "citizenNumber"]?.text == factory.person["citizenNumber"])
        #expect(content["SSSE", "EF05", "cardNumber"]?.text == factory.person["cardNumber"])
        #expect(content["DF01", "EF08", "maritalStatus"]?.text == "1")
    }

    @Test(arguments: ["national-2.0", "national-3.0"])
    func thePlanNeedsNoMoreCommandsThanTheLayoutAllows(layout: String) throws {
        let plan = try CardFactory(layout: layout).plan()
        #expect(plan.commandCount == plan.minimum.total)
    }

    /// 婚姻 is tag 2B, one byte (card.md §1.5), and 1 is 31: APPEND RECORD of file 08 brings it, P2 = 8·08 + 4, on MCOS
    /// 8·08 + 0 (cos-dialects §6.5).
    ///
    /// T514's script writes the record
    /// blank, then with its value (cos-dialects §3.7, §9): `00 D2` both times, the second under UK3DF01.
    @Test(arguments: [
        ("national-2.0", ["00E20044032B0131"]), ("national-2.0@mcos", ["00E20040032B0131"]),
        ("national-2.0@timecos", ["00E20044032B0131"]),
        ("national-2.0@t514", ["00D20144032B0100", "00D20144032B0131"]),
    ])
    func aRecordIsMadeWithItsValueWhereTheCardTakesItSo(layout: String, commands: [String]) throws {
        let factory = try CardFactory(layout: layout)
        let plan = try factory.plan()
        let steps = plan.steps.filter {
            $0.purpose.subject == "DF01/EF08/maritalStatus" && $0.purpose.kind != .readBack
        }
        #expect(steps.map { $0.operation.printed(profile: plan.profile) } == commands)
        // The identification code is blank while files are made; the environment has fourteen elements, the name's extension among them, and
        // DF01 one of the person.
        #expect(plan.recordsWrittenTwice == (commands.count == 1 ? 1 : 15))
        let code = plan.steps.filter { $0.purpose.subject == "SSSE/EF05/identificationCode" }.map(\.purpose.kind)
        #expect(code == [.writeBlankRecord, .writeElement, .readBack])
        let updating = plan.steps.contains { $0.purpose == Purpose(.authenticate, "UK3DF01") }
        #expect(updating == (commands.count == 2))
    }

    @Test func whatIsPrintedIsWhatRuns() throws {
        let factory = try CardFactory()
        let plan = try factory.plan()
        let workshop = try factory.workshop()
        defer { workshop.close() }
        let recorder = RelayChannel(try VirtualCardChannel(factory.blank()))
        try workshop.begin(plan, on: recorder, values: factory.person)
        #expect(recorder.sent.count == plan.commandCount)
        for (step, command) in zip(plan.steps, recorder.sent) {
            let printed = step.operation.printed(profile: plan.profile)
            // Before the mark of a slot every byte is as printed; the whole has the printed length.
            let fixed = printed.prefix { $0 != "‹" }
            #expect(command.bytes.hexadecimal.hasPrefix(fixed), "\(step.purpose.text)")
            #expect(command.bytes.count == step.operation.length(profile: plan.profile))
        }
    }

    @Test func issuerKeysNeverTravelInPlain() throws {
        let plan = try CardFactory().plan()
        for step in plan.steps {
            guard case .fixed(let command) = step.operation, command.ins == 0xD4 else { continue }
            #expect(command.cla == 0x80)
            #expect(Array(command.data.suffix(16)) == plan.profile.transportKey)
            #expect(step.purpose.kind == .loadTransportKey)
        }
    }

    @Test func nothingIrreversibleComesBeforeWhatItProtectsIsReadBack() throws {
        let plan = try CardFactory().plan()
        let lastRead = try #require(plan.steps.lastIndex { $0.purpose.kind == .readBack })
        let lock = try #require(plan.steps.lastIndex { $0.purpose.kind == .replaceMaster })
        let pin = try #require(plan.steps.firstIndex { $0.purpose.kind == .setPIN })
        let lastWrite = try #require(plan.steps.lastIndex { $0.purpose.kind == .writeElement })
        #expect(lastWrite < pin)
        #expect(lastRead < lock)
    }

    @Test func theHashChangesWithAnySingleValueAndWithNothingElse() throws {
        let factory = try CardFactory()
        var other = factory.person
        other["sex"] = "9"
        #expect(try factory.plan().hash == factory.plan().hash)
        #expect(try factory.plan().hash != factory.plan(other).hash)
    }

    @Test func theSlowLineTakesLongerThanTheFastOne() throws {
        let plan = try CardFactory().plan()
        // 12 time units a byte: at 9,600 baud 1.25 ms, at 115,200 baud 0.104 ms (personalization §6.3).
        let difference = CostModel.slow.seconds(of: plan) - CostModel.fast.seconds(of: plan)
        let expected = Double(plan.byteCount) * 12 * (1 / 9600.0 - 1 / 115200.0)
        #expect(abs(difference - expected) < 0.001)
    }

    /// On T=0 the answer to a command with data is fetched (ISO/IEC 7816-3 §12.2.1): what is predicted is what travels.
    @Test func whatFetchesAProtectedAnswerIsCounted() throws {
        let protection = "protection: {mode: mac, key: STK, reading: protected}"
        let factory = try CardFactory(
            RegionLayout.compiled("profile: region\ndirectories: {SSSE: {files: {EF05: {\(protection)}}}}"))
        let plan = try factory.plan()
        let reads = plan.steps.count { $0.purpose.kind == .readBack && $0.purpose.subject.hasPrefix("SSSE/EF05/") }
        #expect(reads == 7)
        #expect(plan.exchangeCount == plan.commandCount + reads)
        let wire = try RelayChannel(VirtualCardChannel(factory.blank()))
        let workshop = try factory.workshop()
        defer { workshop.close() }
        try workshop.begin(plan, on: wire, values: factory.person)
        #expect(wire.sent.count == plan.exchangeCount)
        let bytes = zip(wire.sent, wire.answers).reduce(0) { $0 + $1.0.bytes.count + $1.1.bytes.count }
        #expect(bytes == plan.byteCount)
    }

    /// ISO/IEC 7816-3 tables 7 and 8: 372/1 is where cards begin, 93 and 16 clocks a bit are the figures of personalization §6.3.
    @Test(
        arguments: [
            (0x11, 9_600), (0x13, 38_400), (0x96, 223_200), (0x94, 55_800), (0x18, 115_200), (0x70, nil), (0x1F, nil),
        ]
            as [(UInt8, Int?)])
    func theSpeedThatACardOffersIsReckonedWith(speed: UInt8, baudRate: Int?) throws {
        let answer = try AnswerToReset(bytes: [0x3B, 0x10, speed])
        #expect(CostModel(offeredBy: answer)?.baudRate == baudRate)
        #expect(try CostModel(offeredBy: AnswerToReset(bytes: [0x3B, 0x00])) == nil)
    }

    @Test func anIssuedCardIsToldFromABlank() throws {
        let factory = try CardFactory()
        let workshop = try factory.workshop()
        defer { workshop.close() }
        let card = try factory.blank()
        let channel = try VirtualCardChannel(card)
        #expect(
            try CardClassification.of(factory.conversation(channel), layout: factory.compiled.layout) == .blank)
        try workshop.begin(factory.plan(), on: channel, values: factory.person)
        #expect(
            try CardClassification.of(
                factory.conversation(VirtualCardChannel(card)), layout: factory.compiled.layout)
                == .issued(identificationCode: "990101D15600000504000001A1B2C3D4"))
    }

    @Test func aMasterFileThatIsNotOursIsNeverWritten() throws {
        let factory = try CardFactory()
        let card = try factory.blank()
        let channel = try VirtualCardChannel(card)
        for command in ["80E03F000D38FFFFF0F001FFFFFFFFFFFFFF", "80E00000073F005001F0FFFF"] {
            let bytes = try #require([UInt8](hexadecimal: command))
            _ = try channel.transmit(CommandAPDU(bytes: bytes))
        }
        #expect(
            try CardClassification.of(factory.conversation(channel), layout: factory.compiled.layout) == .unknown)
    }
}
