/// The checks on one row, gathering what they find.
struct ApplicantReading {
    /// Nobody who lives was born before it.
    private static let earliestBirth = "19000101"

    let record: PersonRecord
    let areas: AreaCodeTable
    let mode: IssuingMode
    private(set) var faults = FaultCollector()

    init(record: PersonRecord, areas: AreaCodeTable, mode: IssuingMode) {
        self.record = record
        self.areas = areas
        self.mode = mode
    }

    /// A value that must be there; nil after noting why there is none.
    mutating func mandatory<Value>(_ column: String, _ read: (String) throws(Faults) -> Value) -> Value? {
        guard record[column] != nil else {
            add("applicant.value-missing", [:], column)
            return nil
        }
        return optional(column, read)
    }

    /// A value that may be empty; nil too after noting what is wrong with it.
    mutating func optional<Value>(_ column: String, _ read: (String) throws(Faults) -> Value) -> Value? {
        guard let text = record[column] else { return nil }
        do {
            return try read(text)
        } catch {
            for fault in error.faults { add(fault.code, fault.parameters, column) }
            return nil
        }
    }

    /// A citizen's number states birth date and sex; the row must agree.
    mutating func compare(number: CitizenNumber?, sex: Sex?, birthDate: CardDate?) {
        guard let number else { return }
        if let birthDate, birthDate != number.birthDate {
            add(
                "applicant.birth-date-differs", ["given": birthDate.text, "number": number.birthDate.text], "birthDate")
        }
        if let sex, sex != number.sex {
            add(
                "applicant.sex-differs",
                [
                    "given": sex.code, "givenZh": sex.chinese, "number": number.sex.code,
                    "numberZh": number.sex.chinese,
                ], "sex")
        }
    }

    /// Birth, issue and expiry must follow each other.
    mutating func compare(birthDate: CardDate?, issueDate: CardDate, expiryDate: CardDate, today: CardDate) {
        if let birthDate, birthDate.text < Self.earliestBirth {
            add("applicant.birth-date-early", ["date": birthDate.text], "birthDate")
        }
        if let birthDate, birthDate > today {
            add("applicant.birth-date-in-future", ["date": birthDate.text], "birthDate")
        } else if let birthDate, birthDate > issueDate {
            add("applicant.issued-before-birth", ["birth": birthDate.text, "issue": issueDate.text], "issueDate")
        }
        if expiryDate <= issueDate {
            add(
                "applicant.expiry-not-after-issue", ["issue": issueDate.text, "expiry": expiryDate.text], "expiryDate")
        }
    }

    /// Every area must be known, and production knows no training areas.
    mutating func checkAreas(
        number: CitizenNumber?, birthPlace: AreaCode?, institution: InstitutionNumber?,
        identificationCode: IdentificationCode?
    ) {
        if let code = number?.areaCode { checkArea(code, "citizenNumber") }
        if let birthPlace { checkArea(birthPlace.text, "birthPlace") }
        if let code = identificationCode?.areaCode { checkArea(code, "identificationCode") }
        if let institution {
            checkArea(institution.issuingArea, "initializingInstitution")
            if institution.initializingArea != institution.issuingArea {
                checkArea(institution.initializingArea, "initializingInstitution")
            }
        }
    }

    private mutating func checkArea(_ code: String, _ column: String) {
        guard let entry = areas[code] else {
            add("area-code.unknown", ["code": code], column)
            return
        }
        if entry.kind == .training && mode == .production {
            add("applicant.training-area", ["code": code], column)
        }
    }

    private mutating func add(_ code: FaultCode, _ parameters: [String: String], _ column: String) {
        faults.add(code, parameters.merging(["column": column]) { own, _ in own }, at: record.place(of: column))
    }
}
