import ByteText
import CardData
import CardLayout
import Foundation
import Testing

@Suite struct CardContentTests {
    static func raw(_ image: CardImage) -> [String: [String: CardContent.RawFile]] {
        var raw: [String: [String: CardContent.RawFile]] = [:]
        for file in image.files {
            switch file.content {
            case .records(let records):
                let sorted = records.sorted { $0.number < $1.number }
                raw[file.directory, default: [:]][file.file.name] = .records(sorted.map(\.bytes))
            case .bytes(let bytes): raw[file.directory, default: [:]][file.file.name] = .bytes(bytes)
            }
        }
        return raw
    }

    @Test func whatWasWrittenIsRead() throws {
        let layout = try Home.library.layout(named: "national-2.0")
        var person = People.person
        person["name"] = "买买提·" + String(repeating: "阿", count: 18)
        person["degrees"] = "degree=401;major=081203|degree=301"
        person["DF02.EF07"] = "occupation=2020100;startDate=20200101|occupation=1010100;startDate=20100101"
        person["participationCertificates"] = "|insuranceKind=310"
        let content = CardContent(Self.raw(try layout.encode(values: person)), layout: layout)
        #expect(content.warnings.isEmpty)
        for (name, value) in person where !name.contains(".") {
            let found = content.values.first { $0.key.hasSuffix("." + name) }?.value
            #expect(found == value, "\(name)")
        }
        #expect(content.values["DF02.EF07"] == person["DF02.EF07"])
        #expect(content.values["SSSE.EF06.nameExtension"] == nil)
        #expect(content["SSSE", "EF05", "cardNumber"] == .text("X00000019"))
    }

    @Test func theJSONFormIsByDirectoryFileAndElement() throws {
        let layout = try Home.library.layout(named: "national-2.0")
        var person = People.person
        person["degrees"] = "degree=401"
        person["DF02.EF07"] = "occupation=2020100"
        let content = CardContent(Self.raw(try layout.encode(values: person)), layout: layout)
        let encoder = JSONEncoder()
        encoder.outputFormatting = .sortedKeys
        let text = String(decoding: try encoder.encode(content), as: UTF8.self)
        #expect(
            text == """
                {"DF01":{"EF15":{"degrees":[{"degree":"401"}]}},"DF02":{"EF07":[{"occupation":"2020100"}]},\
                "SSSE":{"EF05":{"cardClass":"3","cardNumber":"X00000019","expiryDate":"20340228",\
                "identificationCode":"990101D156000005000000010A0B0C0D","initializingInstitution":"915600000299010199010101",\
                "issueDate":"20240229","specificationVersion":"2.00"},"EF06":{"birthDate":"19900307",\
                "birthPlace":"990101","citizenNumber":"990101199003071237","ethnicGroup":"01","name":"张三丰","sex":"1"}}}
                """)
    }

    /// Faults of real cards that drivers report: card numbers longer than nine bytes, numbers without a check character, damaged text.
    @Test func readingForgivesAndWarns() throws {
        let layout = try Home.library.layout(named: "national-2.0")
        func record(_ hexadecimal: String) throws -> [UInt8] { try #require([UInt8](hexadecimal: hexadecimal)) }
        let content = CardContent(
            [
                "SSSE": [
                    "EF05": .records([
                        try record("020133"), try record("070B5830303030303031310000"), try record("AA0101"),
                        try record("0504202402"), try record("FFFFFF"), [], try record("03022E30"),
                    ]),
                    "EF06": .records([try record("0A01FE"), try record("0904B0C5C5B0"), try record("0B011A")]),
                    "EF08": .records([]),
                ]
            ], layout: layout)
        #expect(content["SSSE", "EF05", "cardNumber"] == .text("X00000011"))
        #expect(content["SSSE", "EF05", "cardClass"] == .text("3"))
        #expect(content["SSSE", "EF05", "specificationVersion"] == .text(".0"))
        #expect(content["SSSE", "EF06", "ethnicGroup"] == .bytes([0x1A]))
        #expect(
            content.warnings.map(\.code.rawValue) == [
                "content.unknown-record", "content.record-length", "content.element-length", "content.element-length",
                "content.element-length", "date.form", "card-number.check-character",
                "content.element-length", "text.undecodable", "element.padding", "content.structure",
            ])
        #expect(content.warnings.allSatisfy { $0.parameters["file"]?.hasPrefix("SSSE.EF0") == true })
    }

    @Test func whatWasNotReadIsNotThere() throws {
        let layout = try Home.library.layout(named: "national-2.0")
        let content = CardContent(["DF01": ["EF08": .records([[0x2B, 1, 0x31]])]], layout: layout)
        #expect(content.values == ["DF01.EF08.maritalStatus": "1"])
        #expect(content.directories.map(\.name) == ["DF01"])
    }
}
