import ByteText
import CardData
import CardLayout
import Testing

/// Cards of version 1.00, and what version 2.00 may have written on them.
///
/// The rule is that of appendix C of the file structure V2.0: a new meaning is filled at the right with hex E; a reader that sees
/// EE at the end takes the new meaning and cuts to the new length; 39, 6F, 70 and 92 follow 38, 71, 71 and 90. All bytes here
/// are written by hand from it.
@Suite struct EarlierVersionTests {
    static func layout() throws -> CardLayout { try Home.library.layout(named: "national-1.0") }

    static func read(_ directory: String, _ file: String, _ records: [String]) throws -> CardContent {
        let bytes = try records.map { try #require([UInt8](hexadecimal: $0)) }
        return CardContent([directory: [file: .records(bytes)]], layout: try layout())
    }

    @Test func theThirdRecordOfTheHolderIsTheSex() throws {
        let elements = try #require(try Self.layout().directory("SSSE")?.file("EF06")?.elements)
        #expect(elements.compactMap(\.tag) == [0x08, 0x09, 0x0A, 0x0B, 0x0C, 0x0D])
        #expect(try Self.layout().directory("SSSE")?.file("EF08") == nil)
        #expect(try Self.layout().directory("DF07") == nil)
        // 91 bytes with 4E and 69 without (card.md §1.4).
        #expect(try Home.compiled("national-1.0").directory("SSSE")?.file("EF06")?.bodySize == 69)
    }

    @Test func aNameLongerThanThirtyBytesHasNoPlace() throws {
        let encoder = PersonImageEncoder(layout: try Self.layout())
        var person = People.person
        _ = try encoder.encode(person)
        person["name"] = String(repeating: "阿", count: 16)
        #expect(Home.faults { _ = try encoder.encode(person) }.map(\.code) == ["element.too-long"])
    }

    @Test func oldValuesKeepTheirOldMeaning() throws {
        let wages = try Self.read("DF01", "EF0A", ["370400001388", "380400000FA0", "390420081231"])
        #expect(
            wages.values == [
                "DF01.EF0A.wage": "00001388", "DF01.EF0A.averageWage": "00000FA0", "DF01.EF0A.wageDate": "20081231",
            ])
        #expect(wages.warnings.isEmpty)
    }

    @Test func aTrailingEEIsTheNewMeaningCutToItsLength() throws {
        // 37 国籍 "CHN" and 38 政治面貌 "01" in records of four bytes; 39 has the same length in both versions and follows 38.
        let nationality = try Self.read("DF01", "EF0A", ["370443484EEE", "38043031EEEE", "390420010701"])
        #expect(
            nationality.values == [
                "DF01.EF0A.nationality": "CHN", "DF01.EF0A.politicalStatus": "01",
                "DF01.EF0A.partyJoiningDate": "20010701",
            ])
        // 81 险种类型及标识, eight characters, in the place of a name of 62 bytes; 84 an area in cn 03.
        let medical = try Self.read(
            "DF04", "EF05",
            [
                "813E" + "3331303030303030" + String(repeating: "EE", count: 54),
                "843E" + "990101" + String(repeating: "EE", count: 59),
            ])
        #expect(
            medical.values == [
                "DF04.EF05.medicalInsuranceKind": "31000000", "DF04.EF05.medicalInsuranceArea": "990101",
            ])
        #expect(nationality.warnings.isEmpty && medical.warnings.isEmpty)
    }

    @Test(arguments: [
        // 38 tells 39; 71 tells 6F and 70; 90 tells 92.
        ("DF01", "EF0A", ["38043031EEEE", "390420010701"], "partyJoiningDate"),
        ("DF01", "EF0A", ["3804000003E8", "390420010701"], "wageDate"),
        ("DF03", "EF07", ["7104990101EE", "6F0420200101"], "pensionStartDate"),
        ("DF03", "EF07", ["710400000001", "6F0420200101"], "contributionDate"),
        ("DF03", "EF07", ["7104990101EE", "7003313130"], "pensionKind"),
        ("DF03", "EF07", ["710400000001", "7003303135"], "pensionYears"),
        ("DF04", "EF06", ["900431EEEEEE", "920400012345"], "offlineAmount"),
        ("DF04", "EF06", ["900400000100", "920400012345"], "offlineTotal"),
    ])
    func theCompanionTellsTheMeaning(directory: String, file: String, records: [String], name: String) throws {
        let content = try Self.read(directory, file, records)
        #expect(content.values.keys.contains("\(directory).\(file).\(name)"))
        #expect(content.values.count == 2)
    }

    @Test func aRecordThatIsLongerThanTheOneDriverSaysIsStillRead() throws {
        // 55 in a record of 18 bytes: the new number of 16 bytes and its filler; 56 and 96 follow it.
        let content = try Self.read(
            "DF02", "EF09",
            [
                "5512" + "39393031303130303030303030303031" + "EEEE",
                "5646" + "CAA1" + String(repeating: "00", count: 68), "960420190401",
            ])
        #expect(
            content.values == [
                "DF02.EF09.registrationCertificateNumber": "9901010000000001",
                "DF02.EF09.registrationCertificateIssuer": "省", "DF02.EF09.registrationCertificateDate": "20190401",
            ])
    }

    @Test func anOldTextThatEndsWithEEIsNoSign() throws {
        // 62 bytes full of characters, the last of them 铑 (EEEE in GBK): text and no filler.
        let text = String(repeating: "C2B7", count: 30) + "EEEE"
        let content = try Self.read("DF04", "EF05", ["813E" + text])
        #expect(content.values.keys.first == "DF04.EF05.medicalInstitution1Name")
    }

    // MARK: migration

    @Test func migrationFillsTheOldRecordWithE() throws {
        var person = People.person
        person["nationality"] = "CHN"
        person["politicalStatus"] = "01"
        person["partyJoiningDate"] = "20010701"
        person["medicalInsuranceKind"] = "31000000"
        let image = try PersonImageEncoder(layout: try Self.layout()).encode(person)
        #expect(
            image.records("DF01", "EF0A").map(\.bytes.hexadecimal) == ["370443484EEE", "38043031EEEE", "390420010701"])
        #expect(image.records("DF04", "EF05").map(\.number) == [2])
        #expect(
            image.records("DF04", "EF05").first?.bytes.hexadecimal
                == "813E3331303030303030" + String(repeating: "EE", count: 54))
    }

    @Test(arguments: [
        (["nationality": "CHN", "wage": "00001388"], "layout.two-meanings"),
        (["partyJoiningDate": "20010701"], "layout.companion-missing"),
        (["politicalStatus": "01", "wageDate": "20081231"], "layout.companion-missing"),
        (["registrationCertificateNumber": "9901010000000001"], "element.too-long"),
        (["employmentRegistrationArea": "9901"], "area-code.form"),
    ])
    func whatAReaderWouldMisreadIsRefused(values: [String: String], code: String) throws {
        let encoder = PersonImageEncoder(layout: try Self.layout())
        let person = People.person.merging(values) { _, new in new }
        #expect(Home.faults { _ = try encoder.encode(person) }.map(\.code.rawValue) == [code])
    }
}
