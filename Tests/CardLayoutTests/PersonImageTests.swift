import ByteText
import CardData
import CardLayout
import Testing

@Suite struct PersonImageTests {
    static func encoder(_ layout: String = "national-2.0") throws -> PersonImageEncoder {
        PersonImageEncoder(layout: try Home.library.layout(named: layout))
    }

    /// Tags, lengths and fillings by the tables of the specification.
    @Test func theEnvironmentHoldsThePersonsRecords() throws {
        let image = try Self.encoder().encode(People.person)
        let issuer = image.records("SSSE", "EF05")
        #expect(issuer.map(\.number) == [1, 2, 3, 4, 5, 6, 7])
        #expect(
            issuer.map(\.bytes.hexadecimal) == [
                "0110990101D156000005000000010A0B0C0D", "020133", "0304322E3030", "040C915600000299010199010101",
                "050420240229", "060420340228", "0709583030303030303139",
            ])
        let holder = image.records("SSSE", "EF06")
        #expect(holder.map(\.tag) == [0x08, 0x09, 0x4E, 0x0A, 0x0B, 0x0C, 0x0D])
        #expect(holder[1].bytes.hexadecimal == "091ED5C5C8FDB7E1" + String(repeating: "00", count: 24))
        #expect(holder[2].bytes.hexadecimal == "4E14" + String(repeating: "00", count: 20))
        #expect(holder.reduce(0) { $0 + $1.bytes.count } == 91)
        #expect(image.totalBytes == 155 && image.files.count == 2)
    }

    @Test func aLongNameGoesOnInItsExtension() throws {
        var person = People.person
        person["name"] = String(repeating: "阿", count: 17)
        let holder = try Self.encoder().encode(person).records("SSSE", "EF06")
        #expect(holder[1].bytes.hexadecimal == "091E" + String(repeating: "B0A2", count: 15))
        #expect(holder[2].bytes.hexadecimal == "4E14B0A2B0A2" + String(repeating: "00", count: 16))
    }

    @Test func everyReasonToRefuseIsToldAtOnce() throws {
        var person = People.person
        person["citizenNumber"] = "990101199003071235"
        person["cardNumber"] = "X00000018"
        person["birthDate"] = "19900230"
        person["name"] = "\u{1F600}"
        person["sex"] = ""
        person["specificationVersion"] = "1.00"
        person["area"] = "1"
        person["SSSE.EF06.ethnicGroup"] = "02"
        person["DF02.EF07"] = "startDate=19990101;endDate=20009999"
        person["DF01.EF15.degrees"] = "school=|school=|school=|school=一"
        let place = SourcePlace(file: "people.csv", line: 3)
        let faults = Home.faults { _ = try Self.encoder().encode(person, at: place) }
        #expect(
            faults.map(\.code.rawValue).sorted() == [
                "card-number.check-character", "citizen-number.check-character", "date.calendar", "date.calendar",
                "element.too-many", "layout.value-missing", "layout.value-twice", "layout.value-unknown",
                "layout.version-differs", "name.not-in-gbk",
            ])
        #expect(faults.allSatisfy { $0.place == place })
    }

    /// EF05 tag 03 (card.md §1.4): "2.00", "2.01" after revision 1.
    ///
    /// Cards are made with the first; one that says the other keeps it.
    @Test func aCardOfARevisionKeepsItsVersionAndNoneIsMadeOfIt() throws {
        let layout = try Home.library.layout(named: "national-2.0")
        #expect(["2.00", "2.01"].allSatisfy(layout.accepts) && !layout.accepts(version: "3.00"))
        #expect(!(try Home.library.layout(named: "national-3.0")).accepts(version: "2.01"))
        func version(_ encoder: PersonImageEncoder, _ given: String? = nil) throws -> [UInt8]? {
            var person = People.person
            person["specificationVersion"] = given
            return try encoder.encode(person).records("SSSE", "EF05").first { $0.tag == 0x03 }?.bytes
        }
        let encoder = try Self.encoder()
        #expect(try version(encoder) == [0x03, 0x04] + Array("2.00".utf8))
        #expect(throws: Faults.self) { try version(encoder, "2.01") }
        #expect(try version(encoder.keeping(version: "2.01")) == [0x03, 0x04] + Array("2.01".utf8))
        #expect(try version(encoder.keeping(version: "3.00")) == [0x03, 0x04] + Array("2.00".utf8))
        #expect(try version(encoder.keeping(version: nil)) == [0x03, 0x04] + Array("2.00".utf8))
    }

    @Test func namesAreShortWhereTheyAreUnique() throws {
        let encoder = try Self.encoder()
        let names = encoder.valueNames
        #expect(Set(names).count == names.count)
        #expect(names.contains("phoneNumber") && names.contains("DF02.EF07"))
        #expect(!names.contains("nameExtension") && !names.contains("occupation"))
        #expect(
            encoder.mandatoryNames == [
                "identificationCode", "cardClass", "initializingInstitution", "issueDate", "expiryDate", "cardNumber",
                "citizenNumber", "name", "sex", "ethnicGroup", "birthPlace", "birthDate",
            ])
    }

    @Test func insuranceFilesTakeTemplatesAndRings() throws {
        var person = People.person
        person["phoneNumber"] = "13800000000"
        person["degrees"] = "degree=401;major=0812;school=某大学|degree=301"
        person["DF02.EF07"] = "occupation=2020100;startDate=20200101|occupation=1010100;startDate=20100101"
        person["participationCertificates"] = "|insuranceKind=310"
        person["photo"] = "FFD8FFD9"
        let image = try Self.encoder().encode(person)
        #expect(image.records("DF01", "EF06").map(\.number) == [3])
        let degrees = image.records("DF01", "EF15")
        #expect(degrees.map(\.number) == [2, 3, 4])
        #expect(degrees.map { $0.bytes.prefix(2).hexadecimal } == ["4034", "4034", "4034"])
        let ring = image.records("DF02", "EF07")
        #expect(ring.map(\.number) == [2, 1])
        #expect(ring.map(\.bytes.count) == [0x55, 0x55])
        #expect(ring.last?.bytes.prefix(11).hexadecimal == "32303230313030" + "20200101")
        let certificates = image.records("DF03", "EF19")
        #expect(certificates.map(\.bytes.count) == [0x29, 0x29, 0x29, 0x29])
        #expect(certificates[1].bytes.prefix(7).hexadecimal == "79271803333130")
        guard case .bytes(let photo) = image.file("SSSE", "EF08")?.content else {
            Issue.record("the photo is missing")
            return
        }
        #expect(photo.count == 4096 && photo.prefix(5).hexadecimal == "FFD8FFD900")
    }

    @Test func theBlankImageFillsEveryRecord() throws {
        let layout = try Home.library.layout(named: "national-2.0")
        let image = CardImage.blank(of: layout)
        let card = try Home.compiled("national-2.0")
        for directory in card.directories {
            for file in directory.files where file.structure == .variableRecord {
                #expect(image.file(directory.name, file.name)?.byteCount == file.bodySize)
            }
        }
        #expect(image.records("SSSE", "EF05").map(\.bytes.hexadecimal)[4] == "0504FFFFFFFF")
        #expect(image.records("DF03", "EF19").map(\.number) == [1, 2, 3, 4])
        #expect(image.file("DF02", "EF07") == nil && image.file("SSSE", "EF08") == nil)
        let raw = ["SSSE": ["EF05": CardContent.RawFile.records(image.records("SSSE", "EF05").map(\.bytes))]]
        let content = CardContent(raw, layout: layout)
        #expect(content.values.isEmpty && content.warnings.isEmpty)
    }

    @Test func codesAreLookedUpInTheTables() throws {
        let encoder = PersonImageEncoder(
            layout: try Home.library.layout(named: "national-2.0"),
            codes: try CodeLookup(folder: Home.library.folder + "/tables"))
        _ = try encoder.encode(People.person)
        var person = People.person
        person["cardClass"] = "7"
        person["birthPlace"] = "999999"
        person["DF01.EF0A.nationality"] = "XXX"
        person["participationCertificates"] = "insuranceKind=999"
        let faults = Home.faults { _ = try encoder.encode(person) }
        #expect(
            faults.map { $0.parameters["element"] } == ["cardClass", "birthPlace", "nationality", "insuranceKind"])
        #expect(faults.allSatisfy { $0.code == "element.code-unknown" })
    }

    // MARK: - One element by itself

    /// The record on which each element of the environment is kept: what SSSE/EF05 and EF06 hold (file structure V2.0, tables 10 and 11)
    /// is given out with the card or is the holder's identity.
    @Test(arguments: ["national-1.0", "national-2.0", "national-3.0", "example-region", "example-region-1.1"])
    func whatIsKeptOnRecordIsNotWrittenByItself(name: String) throws {
        let layout = try Home.library.layout(named: name)
        let encoder = PersonImageEncoder(layout: layout)
        let environment = try #require(layout.directory("SSSE"))
        let expected: [(file: String, code: FaultCode, names: [String])] = [
            (
                "EF05", "card.update-issue",
                [
                    "identificationCode", "cardClass", "specificationVersion", "initializingInstitution", "issueDate",
                    "expiryDate", "cardNumber",
                ]
            ),
            ("EF06", "card.update-issue", ["citizenNumber"]),
            ("EF06", "card.update-holder", ["name", "sex", "ethnicGroup", "birthPlace", "birthDate"]),
        ]
        for (name, code, names) in expected {
            let file = try #require(environment.file(name))
            for name in names {
                let element = try #require(file.element(name))
                let faults = Home.faults { _ = try encoder.records("1", of: element, in: file) }
                #expect(faults.map(\.code) == [code], "\(name)")
            }
        }
        let file = try #require(layout.directory("DF01")?.file("EF08"))
        let element = try #require(file.element("maritalStatus"))
        #expect(try encoder.records("1", of: element, in: file).count == 1)
    }
}
