import CardData
import Foundation
import Testing

@Suite struct ApplicantTests {
    private let areas: AreaCodeTable
    private let today: CardDate

    init() throws {
        areas = try AreaCodeTable(folder: Tree.tables)
        today = try CardDate("20261122")
    }

    private func judge(_ record: PersonRecord, mode: IssuingMode = .training) throws(Faults) -> Applicant {
        try Applicant(record, areas: areas, today: today, mode: mode)
    }

    @Test func all200InventedPeopleAreRightInTrainingAndRefusedInProduction() throws {
        let records = try PersonFile.read(path: Tree.people, expectedColumns: Applicant.columns)
        #expect(records.count == 200)
        var groups: Set<String> = []
        var withExtension = 0
        for record in records {
            let applicant = try judge(record)
            groups.insert(applicant.ethnicGroup.code)
            if !applicant.name.extensionBytes.isEmpty { withExtension += 1 }
            #expect(applicant.cardClass == CardClass(age: applicant.birthDate.wholeYears(until: applicant.issueDate)))
            let refused = codes { try judge(record, mode: .production) }
            #expect(!refused.isEmpty && Set(refused) == ["applicant.training-area"])
        }
        #expect(groups.count == 57)
        #expect(withExtension >= 5)
    }

    /// The faults of `Fixtures/people-bad.csv`, row by row.
    private static let expected: [[String]] = [
        ["citizen-number.check-character"],
        ["citizen-number.birth-date"],
        ["applicant.birth-date-differs"],
        ["applicant.sex-differs"],
        ["area-code.unknown"],
        ["area-code.unknown"],
        ["name.not-in-gbk"],
        ["name.too-long"],
        ["applicant.expiry-not-after-issue"],
        ["card-number.check-character"],
        ["sex.unknown", "ethnic-group.unknown"],
        ["applicant.value-missing", "date.calendar"],
        [
            "citizen-number.check-character", "name.not-in-gbk", "ethnic-group.unknown", "area-code.unknown",
            "date.calendar", "card-number.length", "identification-code.registered-identifier", "card-class.unknown",
            "date.form", "date.calendar", "institution-number.organisation",
        ],
    ]

    @Test func eachBadRowIsToldWithAllItsFaultsAndItsLine() throws {
        let records = try PersonFile.read(path: Tree.badPeople, expectedColumns: Applicant.columns)
        #expect(records.count == Self.expected.count)
        let headings = try String(contentsOfFile: Tree.badPeople, encoding: .utf8).prefix { !$0.isNewline }
            .split(separator: ",").map(String.init)
        for (record, expected) in zip(records, Self.expected) {
            let error = #expect(throws: Faults.self) { try judge(record) }
            #expect(error?.faults.map(\.code.rawValue) == expected, "line \(record.place.line)")
            for fault in error?.faults ?? [] {
                #expect(fault.place?.file == record.place.file && fault.place?.line == record.place.line)
                // By its place among the headings.
                #expect(fault.parameters["column"].flatMap(headings.firstIndex).map { $0 + 1 } == fault.place?.column)
            }
        }
    }

    @Test func whatIsLeftEmptyIsFilledByTheRules() throws {
        let applicant = try judge(record(["cardClass": "", "issueDate": "", "expiryDate": ""]))
        #expect(applicant.issueDate == today)
        #expect(applicant.expiryDate.text == "20361122")
        #expect(applicant.cardClass == .adult)
        #expect(applicant.cardNumber == nil)
        #expect(applicant.initializingInstitution == nil)
    }

    @Test func aBirthAfterTodayAndAnIssueBeforeBirthAreRefused() throws {
        // assigned numbers state no birth date
        #expect(
            codes { try judge(record(["citizenNumber": "FRA9901001", "birthDate": "20261123"])) }
                == ["applicant.birth-date-in-future"])
        #expect(
            codes {
                try judge(record(["citizenNumber": "FRA9901001", "birthDate": "20200101", "issueDate": "20191231"]))
            } == ["applicant.issued-before-birth"])
    }

    @Test func aPermanentResidentsNumberIsKnownButItsAreaIsNoBirthPlace() throws {
        // 9, province 11, country 840; sequence 000 is given to nobody; check character by ISO 7064 (computed with an
        // independent script)
        let number = ["911840", "19900307", "000", "6"].joined()
        #expect(throws: Never.self) { try judge(record(["citizenNumber": number, "sex": "2"])) }
        #expect(
            codes { try judge(record(["citizenNumber": number, "sex": "2", "birthPlace": "911840"])) }
                == ["area-code.unknown"])
    }

    private func record(_ changes: [String: String]) -> PersonRecord {
        let values = [
            "citizenNumber": "990101199003070015", "name": "演练甲", "sex": "1", "ethnicGroup": "01",
            "birthPlace": "990101", "birthDate": "19900307",
        ]
        return PersonRecord(values: values.merging(changes) { $1 }, place: SourcePlace(file: "p.csv", line: 2))
    }
}

extension PersonColumns {
    fileprivate func contains(_ column: String) -> Bool { mandatory.contains(column) || optional.contains(column) }
}
