import ByteText
import CardData
import IssuerKeys
import Lifecycle

/// The values a card gets beside the applicant's own: number, identification code, institution.
struct CardValues {
    let applicant: Applicant
    let number: CardNumber
    let identificationCode: IdentificationCode
    let area: String

    /// All element values by name: the row's own, with what was checked and given in their checked form.
    func merged(into row: [String: String]) -> [String: String] {
        var values = row
        values["citizenNumber"] = applicant.socialSecurityNumber.text
        values["name"] = applicant.name.text
        values["sex"] = applicant.sex.code
        values["ethnicGroup"] = applicant.ethnicGroup.code
        values["birthPlace"] = applicant.birthPlace.text
        values["birthDate"] = applicant.birthDate.text
        values["cardClass"] = applicant.cardClass.code
        values["issueDate"] = applicant.issueDate.text
        values["expiryDate"] = applicant.expiryDate.text
        values["cardNumber"] = number.text
        values["identificationCode"] = identificationCode.text
        // 9156000002, the issuing area, the initialising area, sequence 01 (card.md §1.4).
        values["initializingInstitution"] =
            applicant.initializingInstitution?.text ?? "9156000002\(area)\(area)01"
        return values
    }

    /// The identification code of a new card: area, registered identifier, serial, authentication code (card.md §1.7).
    ///
    /// The serial is the card number's letter (A = 1) in the first byte and its other characters, read as a number in base 36 and
    /// cut to three bytes. Which key makes the authentication code is not public: the hierarchy says it.
    static func identificationCode(
        for number: CardNumber, area: String, keys: any CardKeyService, context: CardKeyContext
    ) throws -> IdentificationCode {
        let groups = ([UInt8](hexadecimal: area) ?? []) + IdentificationCode.registeredIdentifier + serial(of: number)
        let authentication = try keys.identificationCodeAuthentication(
            over: groups, with: .issuer(keys.identificationCodeKey), of: context)
        return try IdentificationCode(bytes: groups + authentication)
    }

    /// The serial that a card's number gives its identification code, four bytes.
    static func serial(of number: CardNumber) -> [UInt8] {
        let body = Array(number.body.utf8)
        let letter = UInt8(truncatingIfNeeded: Int(body.first ?? 0x41) - 0x40)
        let rest = UInt64(String(decoding: body.dropFirst(), as: UTF8.self), radix: 36) ?? 0
        let decimal = UInt64(String(decoding: body.dropFirst(), as: UTF8.self)) ?? rest
        return [letter] + UInt32(truncatingIfNeeded: decimal & 0xFF_FFFF).bigEndianBytes.dropFirst()
    }
}
