import ByteText
import CardData
import Testing

@testable import IssuerKeys

@Suite struct KeyHierarchyTests {
    @Test func `the hierarchy of the house holds every key of the card`() throws {
        let hierarchy = try Surroundings.hierarchy()
        let counts = Dictionary(grouping: hierarchy.keys, by: \.group).mapValues(\.count)
        // card.md §3.1: UK 11+6+8+4+1+2+3 and UKSSSE, RK 1+1+4+1+1+3, and so on; six of a region as an example; ENC, MAC and DEK
        // of security domains
        #expect(
            counts == [
                .authentication: 2, .pin: 1, .maintenance: 9, .lock: 4, .update: 38, .read: 13, .transaction: 6,
                .master: 10, .securityDomain: 3,
            ])
        #expect(
            hierarchy.keys.allSatisfy {
                $0.algorithms == ($0.group == .securityDomain ? [.tripleDES, .aes] : [.tripleDES, .sm4])
            })
        #expect(hierarchy.names.count == hierarchy.keys.count)
    }

    @Test(arguments: [
        // key-address strings of field drivers: module address, then PSAM identifier
        ("RKSSSE", "004C0A"), ("RK1DF01", "004F2E"), ("RK1DF02", "006435"), ("RK1DF03", "01932B"),
        ("RK2DF03", "01962C"), ("RK1DF04", "01822D"), ("RK1DF07", "007A3D"), ("RK2DF07", "00803F"),
        ("RK3DF07", "0086B1"), ("UKSSSE", "009412"), ("UK1DF01", "009742"), ("UK2DF01", "009A43"),
        ("UK3DF01", "017624"), ("UK4DF01", "017925"), ("PUK", "009010"),
    ])
    func `addresses are those that drivers use`(name: String, address: String) throws {
        let key = try #require(Surroundings.hierarchy()[KeyName(rawValue: name)])
        let written = try #require(key.moduleAddress).hexadecimal + #require(key.terminalKey).identifier.hexadecimal
        #expect(written == address)
    }

    @Test func `no two keys share places in the hardware module or in a PSAM`() throws {
        let hierarchy = try Surroundings.hierarchy()
        let addresses = hierarchy.keys.flatMap { key in
            key.moduleAddress.map { first in (0..<key.moduleGroups).map { Int(first) + $0 } } ?? []
        }
        #expect(Set(addresses).count == addresses.count)
        let identifiers = hierarchy.keys.compactMap(\.terminalKey?.identifier)
        // purchase keys count their versions from 01, all other identifiers are one space
        #expect(Set(identifiers).count == identifiers.count)
    }

    @Test func `maintenance keys are short in the module only`() throws {
        for key in try Surroundings.hierarchy().keys {
            #expect(key.moduleLength == (key.group == .maintenance ? 8 : 16))
        }
    }

    @Test func `all faults of a file come at once, with their lines`() throws {
        let text = """
            parity: even
            levels:
              province: {digits: 2, suffix: "30"}
              city: {digits: 6, suffix: 7378}
              card: {}
            keys:
              IRK: {group: authentication, use: [sign], title: IRK}
              irk: {group: authentication, use: [internal-authentication], title: IRK}
              UKSSSE: {group: update, use: [external-authentication], title: UK, length: 24}
              RKSSSE: {group: read, use: [external-authentication], title: RK, algorithms: [des], colour: red}
            """
        do {
            _ = try KeyHierarchy(DataFile.parse(text, file: "hierarchy.yaml"))
            Issue.record("a faulty file was read")
        } catch {
            let found = error.faults.map { "\($0.place?.line ?? 0) \($0.code.rawValue)" }
            #expect(
                found == [
                    "1 key-hierarchy.unknown-word", "3 key-hierarchy.factor", "7 key-hierarchy.unknown-word",
                    "8 key-hierarchy.name", "9 key-hierarchy.number", "10 data-file.unknown-key",
                    "10 key-hierarchy.unknown-word",
                ])
        }
    }

    @Test func `versions and their time are checked too`() throws {
        let text = """
            parity: none
            levels:
              province: {digits: 2, suffix: 30303030 7368}
              city: {digits: 6, suffix: 7378}
              card: {}
            versions: {1: {stage: live}, 2: {stage: live}}
            periods: {pin: 0, pins: 1}
            cut-off: {3des: 20300231, des: 20301231}
            keys:
              IRK: {group: authentication, use: [internal-authentication], title: IRK, address: 0170, groups: 3, versions: {0: {stage: live}}}
              PUK: {group: pin, use: [external-authentication], title: PUK, address: 0172, versions: {1: {stage: next}, 2: {stage: live}}}
              UK1: {group: update, use: [external-authentication], title: UK, versions: {1: {stage: gone, until: 3}}, period: x}
              UK2: {group: update, use: [external-authentication], title: UK, psam: {class: 07, id: 08}, versions: {1: {stage: old, since: 2026}, 2: {stage: live}}}
            """
        do {
            _ = try KeyHierarchy(DataFile.parse(text, file: "hierarchy.yaml"))
            Issue.record("a faulty file was read")
        } catch {
            let found = error.faults.map { "\($0.place?.line ?? 0) \($0.code.rawValue)" }
            #expect(
                found == [
                    "6 key-hierarchy.stages", "7 key-hierarchy.period", "7 key-hierarchy.unknown-word",
                    "8 date.calendar", "8 key-hierarchy.unknown-word", "10 key-hierarchy.version",
                    "11 key-hierarchy.stages", "12 data-file.unknown-key", "12 key-hierarchy.unknown-word",
                    "12 data-file.not-an-integer", "13 date.form",
                ])
        }
    }

    @Test func `no two keys have one place`() throws {
        let text = """
            parity: none
            levels: {province: {digits: 2, suffix: 30303030 7368}, city: {digits: 6, suffix: 7378}, card: {}}
            keys:
              IRK: {group: authentication, use: [internal-authentication], title: IRK, address: 0170, groups: 3, psam: {class: 07, id: 08}}
              PUK: {group: pin, use: [external-authentication], title: PUK, address: 0172, psam: {class: 08, id: 08}}
            """
        do {
            _ = try KeyHierarchy(DataFile.parse(text, file: "hierarchy.yaml"))
            Issue.record("a faulty file was read")
        } catch {
            #expect(error.faults.map(\.code) == ["key-hierarchy.place-taken", "key-hierarchy.place-taken"])
            #expect(error.faults.map { $0.parameters["place"] } == ["HSM 0172", "PSAM 08"])
            #expect(error.faults.allSatisfy { $0.place?.line == 5 })
        }
    }

    @Test func `a version has its own place in the hardware module`() throws {
        let key = try #require(Surroundings.hierarchy()[KeyName(rawValue: "IRK")])
        // the groups of IRK begin at 0170; STK follows at 0173
        #expect(key.versions.map { key.moduleAddress(of: $0.version)?.hexadecimal } == ["0170", "0171", "0172"])
        #expect(try key.moduleAddress(of: #require(KeyVersion(4))) == nil)
        let lock = try #require(Surroundings.hierarchy()[KeyName(rawValue: "BK")])
        #expect(try lock.moduleAddress(of: #require(KeyVersion(2))) == nil)
    }

    @Test func `the time of a version ends with its period`() throws {
        let key = try #require(Surroundings.hierarchy()[KeyName(rawValue: "PUK")])
        // Python: date(2026, 1, 1) + timedelta(1825)
        #expect(key.expiry?.text == "20301231")
    }

    @Test(arguments: [
        // Python: date.fromisoformat(...) + timedelta(days)
        ("20240228", 1, "20240229"), ("20240228", 2, "20240301"), ("20231231", 1, "20240101"),
        ("20260101", 36_525, "21260102"), ("20000229", 146_097, "24000229"), ("21000228", 1, "21000301"),
    ])
    func `days are counted as the calendar does`(day: String, days: Int, expected: String) throws {
        #expect(try CardDate(day).adding(days: days).text == expected)
    }

    @Test func `levels must be complete and in order`() {
        let text = "parity: none\nlevels: {city: {digits: 6, suffix: 7378}, card: {}}\nkeys: {}\n"
        #expect(
            codes { _ = try KeyHierarchy(DataFile.parse(text, file: "hierarchy.yaml")) } == ["key-hierarchy.level"])
    }
}
