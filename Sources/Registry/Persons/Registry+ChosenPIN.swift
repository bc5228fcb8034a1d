public import CardCryptography
import CardData
public import Lifecycle

extension Registry {
    /// Why the policy refuses a PIN that this person has chosen; nil where it does not, or where the person is not on record.
    ///
    /// The person is held against the PIN and shown to nobody, so it is no look-up.
    public func refusal(
        of pin: PersonalIdentificationNumber, chosenBy person: PersonReference
    ) throws(RegistryError) -> GuessablePIN? {
        guard !policy.refusedPINs.isEmpty,
            let (sealed, sequence) = try reading({ try PersonTable.find(person, in: $0) })
        else { return nil }
        let holder = try sealing.open(sealed, from: EventIdentifier(counter: counter, sequence: sequence))
        return policy.refusal(of: pin, number: holder.number.text, birthDate: holder.birthDate.text)
    }
}
