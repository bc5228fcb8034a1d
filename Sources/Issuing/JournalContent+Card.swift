import CardData
import Personalization

extension JournalContent {
    /// The code of the card that was begun.
    var identificationCode: IdentificationCode {
        get throws(Faults) { try IdentificationCode(hexadecimal: values["identificationCode"] ?? "") }
    }

    /// The number of the card that was begun.
    var cardNumber: CardNumber {
        get throws(Faults) { try CardNumber(values["cardNumber"] ?? "") }
    }
}
