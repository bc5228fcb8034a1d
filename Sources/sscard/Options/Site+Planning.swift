import ByteText
import CardApplication
import CardData
import CardLayout
import ISO7816
import IssuerKeys
import Issuing
import Lifecycle
import Personalization

extension Site {
    /// The plan of a row's card without a card: for a chip of that serial number (12 hexadecimal digits) and a PIN of six digits.
    ///
    /// A row without a card number is planned with the first number of the counter's range.
    ///
    /// - Parameter readerTakes: the most data bytes that the reader takes; nil for one that takes whatever the card does.
    func plan(
        _ row: PersonRecord, layout: String, serial: String, readerTakes: Int? = nil, _ preparation: CardPreparation
    ) throws -> CardPlan {
        let applicant = try preparation.applicant(row)
        let profile = try preparation.library.entry(layout).compiled.profile
        guard let serial = [UInt8](hexadecimal: serial), serial.count == 6,
            let answer = try? AnswerToReset(bytes: profile.answerToResetPrefix + serial),
            let context = CardKeyContext(answer, profile: profile, area: policy.area)
        else { throw Faults("virtual-card.serial-number") }
        guard let number = applicant.cardNumber ?? policy.cardNumbers.number(at: 0) else {
            throw IssuingError.noIdentity
        }
        let values = try preparation.values(row, applicant, number: number, context: context)
        return try preparation.plan(values, layoutName: layout, pinLength: 3, readerTakes: readerTakes, at: row.place)
    }
}
