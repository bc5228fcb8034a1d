import CardApplication
public import CardData
import CardLayout
import ISO7816
import Lifecycle
public import Personalization
public import Registry

extension Registry {
    /// The number of the card that a chip was used for; nil for a chip that was used for none, or for which a number is merely reserved.
    public func numberSpent(on chip: CardIdentity) throws(RegistryError) -> CardNumber? {
        guard let number = try number(reservedFor: chip.text), try state(of: number) != .reserved else { return nil }
        return number
    }
}

/// What is refused before a card is begun, and what is told when it refuses a key.
extension IssuingDesk {
    /// Numbers are reserved for chips: a chip whose number is used or locked made a card before, which the stock has counted.
    func checkThatChipIsFresh(_ number: CardNumber) throws {
        guard let state = try registry.state(of: number), state != .reserved else { return }
        throw IssuingError.chipSpent(number, state)
    }

    /// A number that the row names: one out of the policy's range goes on no card, and a chip for which another number is reserved may
    /// not take it, though the next chip may.
    func check(wanted: CardNumber?, for chip: CardIdentity) throws {
        guard let wanted else { return }
        if !registry.policy.cardNumbers.contains(wanted),
            let refusal = LifecycleRefusal(.personalize, [.numberOutOfRange(wanted)]),
            let faults = Faults(refusal.faults)
        {
            throw IssuingError.data(faults)
        }
        if let reserved = try registry.number(reservedFor: chip.text), reserved != wanted {
            throw IssuingError.chipSpent(reserved, try registry.state(of: reserved) ?? .reserved)
        }
    }

    /// A card of another kind that was begun here is told by the layout it was begun with, and not as a stranger.
    func checkForOtherKind(_ channel: any CardChannel, _ request: IssuingRequest) throws {
        let profile = try preparation.library.entry(request.layoutName).compiled.profile
        guard !channel.answerToReset.bytes.starts(with: profile.answerToResetPrefix),
            let chip = try preparation.library.chip(answering: channel.answerToReset),
            let layout = try Journal.resume(in: journalFolder, card: chip, key: sealingKey)?.1.notes["layout"]
        else { return }
        throw PersonalizationError.begunByAnotherLayout(layout)
    }

    /// Adds the likely cause to an authentication that failed.
    func explaining<Result>(_ card: CardAtHand, _ body: () throws -> Result) throws -> Result {
        do {
            return try body()
        } catch {
            guard let diagnosis = card.diagnosis else { throw error }
            throw IssuingError.authentication(IssuingError(wrapping: error).faults, diagnosis)
        }
    }
}
