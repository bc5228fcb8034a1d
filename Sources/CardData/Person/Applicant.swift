/// A person for whom a card can be made: every value is right by itself, and they agree with each other.
public struct Applicant: Hashable, Sendable {
    /// 社会保障号码.
    public let socialSecurityNumber: SocialSecurityNumber
    /// 姓名 with its extension.
    public let name: PersonName
    /// 性别.
    public let sex: Sex
    /// 民族.
    public let ethnicGroup: EthnicGroup
    /// 出生地.
    public let birthPlace: AreaCode
    /// 出生日期.
    public let birthDate: CardDate
    /// 卡号; nil when one is still to be given.
    public let cardNumber: CardNumber?
    /// 卡的识别码; nil when the card brings its own.
    public let identificationCode: IdentificationCode?
    /// 卡的类别; by the age on the day of issue when none was given.
    public let cardClass: CardClass
    /// 发卡日期; today when none was given.
    public let issueDate: CardDate
    /// 卡有效期; some years after the day of issue when none was given.
    public let expiryDate: CardDate
    /// 初始化机构编号; nil when the issuing place knows it.
    public let initializingInstitution: InstitutionNumber?

    /// The columns that a row is read from.
    public static let columns = PersonColumns(
        mandatory: ["citizenNumber", "name", "sex", "ethnicGroup", "birthPlace", "birthDate"],
        optional: [
            "cardNumber", "identificationCode", "cardClass", "issueDate", "expiryDate", "initializingInstitution",
        ])

    /// Judges a row; throws everything that is wrong with it, each fault with its column and the row's place.
    ///
    /// - Parameters:
    ///   - record: the row.
    ///   - areas: the areas that are known.
    ///   - today: the day of issue when the row has none, and the latest day of birth.
    ///   - mode: production refuses training areas with `applicant.training-area`.
    ///   - validityYears: how long a card is valid when the row does not say.
    public init(
        _ record: PersonRecord, areas: AreaCodeTable, today: CardDate, mode: IssuingMode, validityYears: Int = 10
    ) throws(Faults) {
        var reading = ApplicantReading(record: record, areas: areas, mode: mode)
        let number = reading.mandatory("citizenNumber") { text throws(Faults) in try SocialSecurityNumber(text) }
        let name = reading.mandatory("name") { text throws(Faults) in
            let name = try PersonName(typed: text)
            try name.check()
            return name
        }
        let sex = reading.mandatory("sex") { text throws(Faults) in try Sex(text) }
        let ethnicGroup = reading.mandatory("ethnicGroup") { text throws(Faults) in try EthnicGroup(text) }
        let birthPlace = reading.mandatory("birthPlace") { text throws(Faults) in try AreaCode(text, in: areas) }
        let birthDate = reading.mandatory("birthDate") { text throws(Faults) in try CardDate(text) }
        cardNumber = reading.optional("cardNumber") { text throws(Faults) in try CardNumber(text) }
        identificationCode = reading.optional("identificationCode") { text throws(Faults) in
            try IdentificationCode(hexadecimal: text)
        }
        let givenClass = reading.optional("cardClass") { text throws(Faults) in try CardClass(text) }
        let givenIssue = reading.optional("issueDate") { text throws(Faults) in try CardDate(text) }
        let givenExpiry = reading.optional("expiryDate") { text throws(Faults) in try CardDate(text) }
        initializingInstitution = reading.optional("initializingInstitution") { text throws(Faults) in
            try InstitutionNumber(text)
        }
        issueDate = givenIssue ?? today
        expiryDate = givenExpiry ?? issueDate.adding(years: validityYears)

        reading.compare(number: number?.citizenNumber, sex: sex, birthDate: birthDate)
        reading.compare(birthDate: birthDate, issueDate: issueDate, expiryDate: expiryDate, today: today)
        reading.checkAreas(
            number: number?.citizenNumber, birthPlace: birthPlace, institution: initializingInstitution,
            identificationCode: identificationCode)
        try reading.faults.check()
        guard let number, let name, let sex, let ethnicGroup, let birthPlace, let birthDate else {
            throw Faults("applicant.incomplete", at: record.place)
        }
        socialSecurityNumber = number
        self.name = name
        self.sex = sex
        self.ethnicGroup = ethnicGroup
        self.birthPlace = birthPlace
        self.birthDate = birthDate
        cardClass = givenClass ?? CardClass(age: birthDate.wholeYears(until: issueDate))
    }
}
