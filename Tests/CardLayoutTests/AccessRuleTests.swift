import CardData
import CardLayout
import Foundation
import Testing

@Suite struct AccessRuleTests {
    static let place = SourcePlace(file: "profile.yaml", line: 1)
    static let security = DirectorySecurity(
        createRight: 0xFF, eraseRight: 0xFF, addKeyRight: 0xFF, shortIdentifierByte: 0xFF,
        states: [
            DirectorySecurity.State(value: 1, keys: ["RK1"], pin: false),
            DirectorySecurity.State(value: 2, keys: [], pin: true),
            DirectorySecurity.State(value: 3, keys: ["RK1"], pin: true),
            DirectorySecurity.State(value: 4, keys: ["UK1"], pin: false),
            DirectorySecurity.State(value: 6, keys: ["UK2"], pin: false),
        ], keys: [], place: place)

    @Test(arguments: [
        (AccessRule.free, 0xF0), (.never, 0xEF), (.card, 0xEF), (.pin, 0x32), (.key("UK1"), 0x44),
        (.any([.pin, .key("RK1")]), 0x31), (.all([.pin, .key("RK1")]), 0x33), (.any([.never, .pin]), 0x32),
        (.any([.free, .pin]), 0xF0), (.all([.never, .pin]), 0xEF), (.any([.pin, .key("RK1"), .key("UK1")]), 0x41),
    ])
    func aRuleIsTheRangeOfTheStatesThatMeetIt(rule: AccessRule, byte: Int) throws {
        #expect(try AccessRuleCompiler.accessByte(for: rule, in: Self.security) == UInt8(byte))
    }

    /// `accessUnits`: who is free, is so by another byte where the register has a bit for each state (cos-dialects §2.2).
    @Test(arguments: [("level", 0xF0), ("bits", 0x00)])
    func whatIsFreeIsSoInTheUnitsOfTheCard(setting: String, free: Int) throws {
        let units = try #require(COSProfile.AccessUnits(rawValue: setting))
        for (rule, byte) in [
            (AccessRule.free, free), (.any([.free, .pin]), free), (.never, 0xEF), (.pin, 0x32), (.key("UK1"), 0x44),
        ] { #expect(try AccessRuleCompiler.accessByte(for: rule, in: Self.security, units: units) == UInt8(byte)) }
        // and the files of a layout get it: EF05 is read by everybody
        let scratch = try ScratchFolder()
        let base = try String(contentsOfFile: Home.path + "/CardLayouts/profiles/fmcos-ssse.yaml", encoding: .utf8)
        _ = try scratch.write(base, to: "fmcos-ssse.yaml")
        let profile = try COSProfileReader.read(
            scratch.write("name: variant\nextends: fmcos-ssse\naccessUnits: \(setting)\n", to: "variant.yaml"))
        let file = try CompiledCard(layout: Home.library.layout(named: "national-2.0"), profile: profile).directory(
            "SSSE")?.file("EF05")
        #expect(file?.readByte == UInt8(free))
    }

    @Test(arguments: [
        (AccessRule.key("RK1"), "layout.rule-not-expressible"),  // states 1 and 3, but not 2
        (.any([.key("UK1"), .key("UK2")]), "layout.rule-not-expressible"),  // 4 and 6
        (.key("UK9"), "layout.rule-without-state"),
        (.all([.pin, .key("UK1")]), "layout.rule-without-state"),
    ])
    func aRuleThatIsNoRangeIsRefusedAtItsPlace(rule: AccessRule, code: String) {
        let here = SourcePlace(file: "layout.yaml", line: 7, column: 3)
        let faults = Home.faults {
            _ = try AccessRuleCompiler.accessByte(for: rule, in: Self.security, place: here)
        }
        #expect(faults.map(\.code.rawValue) == [code])
        #expect(faults.first?.place == here)
    }

    @Test func rulesAreReadWithAndBeforeOr() throws {
        let scratch = try ScratchFolder()
        func rule(_ text: String) throws -> AccessRule? {
            let file = "{title: 一, structure: transparent, size: 01, read: \(text), write: never}"
            let path = try scratch.write(
                """
                name: rule
                title: 一
                specificationVersion: "1.00"
                profile: p
                directories: {DF01: {title: 一, files: {EF05: \(file)}}}
                """, to: "rule.yaml")
            return try LayoutReader.read(path).directory("DF01")?.file("EF05")?.read
        }
        #expect(try rule("pin") == .pin)
        #expect(try rule("pin | RK1 & RK2") == .any([.pin, .all([.key("RK1"), .key("RK2")])]))
        #expect(try rule("(pin | RK1) & RK2") == .all([.any([.pin, .key("RK1")]), .key("RK2")]))
        #expect(try rule("(pin | RK1) & RK2")?.description == "(pin | RK1) & RK2")
        for wrong in ["pin |", "(pin", "pin)", "pin RK1", "|", "pin + RK1", "((((((((((pin))))))))))"] {
            #expect(Home.faults { _ = try rule("\"\(wrong)\"") }.map(\.code) == ["layout.rule-syntax"], "\(wrong)")
        }
    }
}
