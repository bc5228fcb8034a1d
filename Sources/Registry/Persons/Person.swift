public import CardData

/// A person as the registry knows one; in the file only sealed.
public struct Person: Hashable, Sendable {
    /// 社会保障号码, by which a person is found.
    public let number: SocialSecurityNumber
    /// 姓名.
    public let name: PersonName
    /// 性别.
    public let sex: Sex
    /// 民族.
    public let ethnicGroup: EthnicGroup
    /// 出生日期.
    public let birthDate: CardDate
    /// 出生地, six digits of an area code.
    public let birthPlace: String

    /// A person from values that are right by themselves.
    public init(
        number: SocialSecurityNumber, name: PersonName, sex: Sex, ethnicGroup: EthnicGroup, birthDate: CardDate,
        birthPlace: String
    ) {
        self.number = number
        self.name = name
        self.sex = sex
        self.ethnicGroup = ethnicGroup
        self.birthDate = birthDate
        self.birthPlace = birthPlace
    }

    /// The person of an application that was judged right.
    public init(_ applicant: Applicant) {
        self.init(
            number: applicant.socialSecurityNumber, name: applicant.name, sex: applicant.sex,
            ethnicGroup: applicant.ethnicGroup, birthDate: applicant.birthDate, birthPlace: applicant.birthPlace.text)
    }
}

extension Person {
    /// What is sealed beside number and name: sex 1, ethnic group 2, birth date 8, birth place, all ASCII.
    var details: [UInt8] { Array((sex.code + ethnicGroup.code + birthDate.text + birthPlace).utf8) }

    /// A person from what was sealed.
    init(number: String, name: String, details: [UInt8]) throws(Faults) {
        let text = String(decoding: details, as: UTF8.self)
        self.init(
            number: try SocialSecurityNumber(number), name: try PersonName(name),
            sex: try Sex(String(text.prefix(1))), ethnicGroup: try EthnicGroup(String(text.dropFirst(1).prefix(2))),
            birthDate: try CardDate(text.dropFirst(3).prefix(8)), birthPlace: String(text.dropFirst(11)))
    }
}

extension Person: CustomStringConvertible {
    /// Name and number masked.
    public var description: String { "\(name.masked) \(number.masked)" }
}
