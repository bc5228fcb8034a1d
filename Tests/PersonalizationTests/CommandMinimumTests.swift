import ByteText
import CardApplication
import CardData
import CardLayout
import ISO7816
import Personalization
import Testing
import VirtualCard

/// The fewest commands of a plan, reckoned by hand from layout and profile, and a card that is made with no more.
@Suite struct CommandMinimumTests {
    private static func minimum(_ fewest: Int, _ resuming: Int) -> CommandMinimum {
        CommandMinimum(fewest: fewest, forResuming: resuming)
    }

    /// The national card.
    ///
    /// By hand from national-2.0.yaml and fmcos-ssse.yaml. Erase, MF, its key file, its transport key: 4; lock (SELECT, authentication 2, MKMF and
    /// BK 2 each): 7; PIN 6 and the way to it over the MF 1: 18. Six directories created, entered, with key file and transport key: 24. Keys
    /// 7 + 14 + 9 + 13 + 7 + 8 = 58: 116. File 0015 of the environment: 2. Files 4 + 12 + 6 + 8 + 4 + 3 = 37. Records
    /// 14 + 20 + 23 + 42 + 19 + 10 = 128, made and read: 256. Keys to read with: one in DF01, DF02 and DF04, two in DF03, three in DF07, three
    /// commands each: 24. Behind the PIN of DF04 SELECT, VERIFY and RK1DF04: 5. Together 482.
    ///
    /// To be resumable: six second selections, the way over the MF to the first of them, the code's UPDATE with UKSSSE (4): 11.
    @Test func aCardOfVersionTwo() throws {
        let plan = try CardFactory().plan()
        #expect(plan.minimum == Self.minimum(482, 11))
        #expect(plan.commandCount == 493)
    }

    /// A card that is made in the fewest commands is the same card.
    @Test(arguments: [
        "national-1.0", "national-2.0", "national-3.0", "example-region", "national-2.0@mcos", "national-2.0@timecos",
        "national-2.0@fmcos",
    ])
    func noMoreCommandsAreNeeded(layout: String) throws {
        let factory = try CardFactory(layout: layout)
        let person = factory.person(of: layout)
        let plan = try factory.plan(person)
        let short = try OneStay.of(plan)
        #expect(short.commandCount == plan.minimum.fewest)
        var images: [[UInt8]] = []
        for plan in [plan, short] {
            let workshop = try factory.workshop()
            defer { workshop.close() }
            let card = try factory.blank()
            try workshop.begin(plan, on: VirtualCardChannel(card), values: person)
            images.append(card.image)
        }
        #expect(images[0] == images[1])
    }

    /// A directory of a region beside the environment, one of its files written by whoever likes.
    ///
    /// By hand: 482 of the national card; DF0A created, entered, key file, transport key 4; three keys 6; the file made, its content written and
    /// read freely 3. To be resumable: 11 and the second selection of DF0A. Written under UK1DF01 it takes that key, three commands more.
    @Test(arguments: [("free", 0), ("UK1DF01", 3)]) func whatIsWrittenFreelyTakesNoKey(rule: String, more: Int) throws {
        let layout = """
            specificationVersion: "2.00"
            profile: region
            directories:
              DF0A:
                title: 地区应用
                identifier: DF0A
                select: D1560000059901
                files:
                  EF06:
                    title: 地区数据
                    structure: transparent
                    size: 20
                    read: free
                    write: \(rule)
                    elements:
                      regionMap: {title: 地区图, type: b, length: 20}
            """
        let factory = try CardFactory(RegionLayout.compiled(layout, profile: RegionLayout.newDirectoryProfile))
        let values = factory.person.merging(["regionMap": String(repeating: "5A", count: 32)]) { $1 }
        let plan = try factory.plan(values)
        #expect(plan.minimum == Self.minimum(482 + 13 + more, 12))
        #expect(plan.commandCount == plan.minimum.total)
        let workshop = try factory.workshop()
        defer { workshop.close() }
        let card = try factory.blank()
        try workshop.begin(plan, on: VirtualCardChannel(card), values: values)
        let short = try OneStay.of(plan)
        #expect(short.commandCount == plan.minimum.fewest)
    }

    // MARK: - Migrations

    private func migration(
        _ finished: CardInspectionTests.Finished, _ target: CompiledCard, _ values: [String: String],
        pinLength: Int? = nil
    ) throws -> CardMigration {
        let migration = try MigrationPlanner(
            from: finished.factory.compiled, to: target, encoder: PersonImageEncoder(layout: target.layout)
        ).plan(for: finished.dump(), values: values, pinLength: pinLength)
        #expect(migration.obstacles == [])
        #expect(migration.plan.commandCount == migration.plan.minimum.total)
        #expect(migration.readBack.commandCount == migration.readBack.minimum.total)
        return migration
    }

    private func nextVersion() throws -> CompiledCard {
        try RegionLayout.compiled("specificationVersion: \"2.01\"\nprofile: fmcos-ssse")
    }

    /// Two directories are changed.
    ///
    /// DF01: UK3DF01 3, write 1, RK1DF01 3, read 1. SSSE: UKSSSE 3, version, name and its extension written and read freely 6. SSSE and DF01
    /// selected: 2. Together 19; and since the environment comes last, SSSE before DF01 and the way back over the MF: 2.
    @Test func aMigrationThatWritesInTwoDirectories() throws {
        let plan = try migration(
            .init(), nextVersion(), ["name": "张三丰", "DF01.EF08.maritalStatus": "2"]
        ).plan
        #expect(plan.minimum == Self.minimum(19, 2))
    }

    /// One directory is made.
    ///
    /// Master authentication 2; created, entered, key file, transport key 4; three keys 6; two files 2; two records made and read 4, RK1DF01 3:
    /// 21. To be resumable: SELECT of the MF, where the reset has left the card, and the second one of DF0A.
    @Test func aMigrationThatCreatesADirectory() throws {
        let target = try RegionLayout.compiled(
            RegionLayout.newDirectory(version: "2.00"), profile: RegionLayout.newDirectoryProfile)
        let bench = try MigrationBench(.init(), to: target, ["regionNumber": "A123"])
        defer { bench.close() }
        let plan = try bench.migration().plan
        #expect(plan.minimum == Self.minimum(21, 2))
        #expect(plan.commandCount == 23)
    }

    /// What only the PIN opens is changed.
    ///
    /// DF04: UK2DF04 3, write 1. DF01: 3, 1, 3, 1. SSSE: UKSSSE 3, version written and read 2. SSSE, DF01, DF04 selected: 3. Together 20. The
    /// plan selects 2 + 2 + 1 with two ways over the MF: 4 more. Behind the PIN: MF, SSSE, DF04, VERIFY, RK1DF04 3, read 1.
    @Test func aMigrationThatWritesBehindThePIN() throws {
        let values = ["DF04.EF06.offlineAllowed": "1", "DF01.EF08.maritalStatus": "2"]
        let migration = try migration(.init(), nextVersion(), values, pinLength: 3)
        #expect(migration.plan.minimum == Self.minimum(20, 4))
        #expect(migration.readBack.minimum == Self.minimum(8, 0))
        let unseen = try self.migration(.init(), nextVersion(), values)
        #expect(unseen.readBack.minimum == Self.minimum(0, 0))
    }

    /// SSSE 1, UKSSSE 3, the file selected and the third piece written 2, RKSSSE 3, selected and read 2.
    @Test func aMigrationThatWritesAPieceOfAPhoto() throws {
        var photo = [0xFF, 0xD8, 0xFF] + (0..<4091).map { UInt8(truncatingIfNeeded: $0 &* 31) } + [0xFF, 0xD9]
        let finished = try CardInspectionTests.Finished(values: ["photo": photo.hexadecimal])
        photo[500] ^= 0xFF
        let plan = try migration(finished, finished.factory.compiled, ["photo": photo.hexadecimal]).plan
        #expect(plan.minimum == Self.minimum(11, 0))
    }

    // MARK: - Security domains

    /// A security domain with six applications.
    ///
    /// Domain and channel 3; six applications, each INSTALL, SELECT and channel 3, SELECT 1: 30; six groupings of keys, PIN and its counter: 8; 128
    /// records stored and read: 256; domain and channel 3, PUT KEY, proved by 2: 6. Together 303, and six DELETE.
    @Test(arguments: ["globalplatform", "globalplatform-i55"])
    func aCardWithASecurityDomain(profile: String) throws {
        let plan = try GlobalPlatformSite(profile: profile).plan()
        #expect(plan.minimum == Self.minimum(303, 6))
        #expect(plan.commandCount == 309)
    }

    /// INITIALIZED and SECURED beside.
    @Test func aCardWithLifeCycleStates() throws {
        #expect(try GlobalPlatformSite(profile: "globalplatform-scp03").plan().minimum == Self.minimum(305, 6))
    }

    /// Groupings are packed in the layout's order.
    ///
    /// A grouping has its record, tag and length of that, and three bytes more: five beside the value. With eight of the MAC a command of 255
    /// holds 247, one of 219 holds 211. In the layout's order, values by national-2.0.yaml:
    ///
    /// SSSE 197 with the counter's five: 1 either way. DF01 7 85 8 85 8 20 │ 55 20 6 6 75 14 7 8 7 9 6 │ 57 57 57: 3; 211 holds 7 85 8 85 8 │
    /// 20 55 20 6 6 75 14 7 8 │ 7 9 6 57 57 57: 3. DF02 8 8 113 113 │ 106 106 9 10 8 │ 9 11 8 12 21 75 9 8 and four of 21, 9 │ 8: 4; 8 8 113 │ 113 │
    /// 106 │ 106 9 10 8 9 11 8 12 21 │ 75 9 8 and four of 21, 9 8: 5. DF03 183 │ 102 102 │ 102 92 and 25 │ 75 6 9 65 8 8 6 9 9 44 │ 44 44 44: 5;
    /// 183 │ 102 102 │ 102 92 │ 25 75 6 9 65 8 8 6 9 │ 9 and four of 44: 5. DF04 245 │ 7: 2; 210 │ 42: 2. DF07 7 7 9 8 9 8 9 75 9 6: 1.
    ///
    /// 16 and 17 for data, six of keys, one of the PIN; 303 has 6 + 1 + 129 in their place.
    @Test(arguments: [(255, 16), (219, 17)])
    func groupingsThatArePackedAsTightAsTheReaderLets(block: Int, commands: Int) throws {
        let site = try GlobalPlatformSite(
            """
            storeData: {groupings: packed, marksLastBlock: true, keysFirst: true, encipheredBits: 60, blankRecords: true}
            """)
        let image = try PersonImageEncoder(layout: site.compiled.layout).encode(site.person)
        let plan = try CardPlanner(site.compiled, readerTakes: block).plan(for: image, pinLength: 3)
        #expect(plan.minimum == Self.minimum(303 - 129 + commands, 6))
        #expect(plan.commandCount == plan.minimum.total)
        let workshop = try site.workshop()
        defer { workshop.close() }
        try workshop.begin(plan, on: VirtualCardChannel(site.card))
    }
}

/// A plan that could not be resumed: every directory's data and read-back in the stay in which it is made, the identification code at once.
private enum OneStay {
    static func of(_ plan: CardPlan) throws -> CardPlan {
        var stays: [String: [PlanStep]] = [:]
        var rest: [PlanStage] = []
        var code: PlanStep?
        for stage in plan.stages.dropFirst() {
            if case .pinProtected(let name) = stage.kind,
                let place = rest.firstIndex(where: { $0.kind == .pin && $0.steps.first?.purpose.subject == name })
            {
                // SELECT and VERIFY have just been sent where the PIN was set.
                rest[place] = PlanStage(.pin, rest[place].steps + stage.steps.dropFirst(2))
                continue
            }
            guard case .directory(let name) = stage.kind else {
                rest.append(stage)
                continue
            }
            var steps = Array(stage.steps.drop { $0.purpose.kind == .selectDirectory })
            if let place = steps.firstIndex(where: isCode) {
                code = steps.remove(at: place)
                // The key is presented for other data too, or for the code alone.
                let isAlone = place == steps.endIndex || steps[place].purpose.kind != .writeElement
                if isAlone { steps.removeSubrange(..<place) }
            }
            stays[name] = steps.filter { $0.purpose.kind != .selectDirectory }
        }
        var steps: [PlanStep] = []
        var standing = ""
        for step in try #require(plan.stages.first).steps {
            if step.purpose.kind == .selectDirectory {
                steps += stays.removeValue(forKey: standing) ?? []
                standing = step.purpose.subject
            }
            steps.append(try withCode(step, code))
        }
        steps += stays.removeValue(forKey: standing) ?? []
        try #require(stays.isEmpty)
        return CardPlan(
            layoutName: plan.layoutName, profile: plan.profile, stages: [PlanStage(.initialization, steps)] + rest,
            minimum: plan.minimum, largestBlock: plan.largestBlock)
    }

    private static func isCode(_ step: PlanStep) -> Bool {
        step.purpose == Purpose(.writeElement, "SSSE/EF05/identificationCode")
    }

    private static func withCode(_ step: PlanStep, _ code: PlanStep?) throws -> PlanStep {
        guard step.purpose == Purpose(.writeBlankRecord, "SSSE/EF05/identificationCode"),
            case .fixed(let made) = step.operation, case .fixed(let written)? = code?.operation
        else { return step }
        let command = try CommandAPDU(made.cla, made.ins, made.p1, made.p2, data: written.data)
        return PlanStep(.fixed(command), step.expectation, Purpose(.writeElement, step.purpose.subject), at: step.place)
    }
}
