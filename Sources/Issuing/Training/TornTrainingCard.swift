import CardApplication
import CardCryptography
import CardData
public import ISO7816
public import Lifecycle
import Personalization

extension IssuingDesk {
    /// Begins the training card of ``TrainingCard/person`` here, as a real one is begun, and pulls it after so many commands of its plan:
    /// number, journal and person's claim stay behind, and the same desk finishes the card.
    ///
    /// Throws `training-card.production` where real cards are made, `training-card.too-late` for more commands than the plan has, and
    /// what ``issue(_:through:progress:onRecorded:)`` throws before the card is torn.
    public func tear(after count: Int, layoutName: String, handling: Handling, through channel: any CardChannel) throws
    {
        guard preparation.policy.mode == .development else { throw Faults("training-card.production") }
        let request = IssuingRequest(
            person: PersonRecord(
                values: TrainingCard.personWithoutNumber, place: SourcePlace(file: "training-card", line: 1)),
            layoutName: layoutName, pin: try PersonalIdentificationNumber(digits: TrainingCard.pinDigits),
            handling: handling)
        let tearing = TearingChannel(channel)
        do {
            _ = try issue(request, through: tearing) { progress in
                if progress.done == count { tearing.isTorn = true }
            }
        } catch IssuingError.personalization(.interrupted(_, .channel(.cardRemoved))) {
            return
        }
        throw TrainingCard.tooLate(count, of: tearing.count)
    }
}

/// A card that is pulled when somebody says so.
private final class TearingChannel: CardChannel {
    private let base: any CardChannel
    var isTorn = false
    private(set) var count = 0

    init(_ base: any CardChannel) { self.base = base }

    var answerToReset: AnswerToReset { base.answerToReset }
    var largestCommandData: Int { base.largestCommandData }

    func transmit(_ command: CommandAPDU) throws(CardChannelError) -> ResponseAPDU {
        guard !isTorn else { throw .cardRemoved }
        count += 1
        return try base.transmit(command)
    }

    func reset() throws(CardChannelError) {
        guard !isTorn else { throw .cardRemoved }
        try base.reset()
    }
}
