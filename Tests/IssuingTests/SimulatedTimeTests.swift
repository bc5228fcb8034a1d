import CardApplication
import CardLayout
import ISO7816
import IssuerKeys
import Issuing
import Lifecycle
import Personalization
import Testing
import VirtualCard

/// A virtual card that takes the time of a real one takes as long as the plan says: two places hold the figures, one for each side.
@Suite struct SimulatedTimeTests {
    @Test(arguments: [9_600, 115_200])
    func aWholeCardTakesAsLongAsItsPlanPredicts(baudRate: Int) throws {
        let counter = try Counter()
        let card = try counter.blank()
        let timing = try #require(CardTiming(baudRate: baudRate))
        let channel = try TimingChannel(VirtualCardChannel(card), timing: timing)
        let issued = try counter.desk.issue(counter.request(counter.row()), through: channel)
        let applicant = try counter.preparation.applicant(counter.row())
        let profile = try counter.preparation.library.entry("national-2.0").compiled.profile
        let context = try #require(
            CardKeyContext(channel.answerToReset, profile: profile, area: counter.preparation.policy.area))
        let values = try counter.preparation.values(
            counter.row(), applicant, number: issued.number, context: context)
        let plan = try counter.preparation.plan(values, layoutName: "national-2.0", pinLength: 3, at: nil)
        #expect(try plan.hash == issued.planHash, "the plan that was run")
        // Before the plan the card is asked what it is; the plan counts detection and power-up, 0.6 s, in their place.
        let seconds = channel.durations.suffix(plan.commandCount).reduce(0.0) { sum, duration in
            sum + Double(duration.components.seconds) + Double(duration.components.attoseconds) / 1e18
        }
        let predicted = CostModel(baudRate: baudRate).seconds(of: plan) - 0.6
        #expect(abs(seconds - predicted) < 0.001)
    }
}

/// Notes how long each command would take, and does not wait.
private final class TimingChannel: CardChannel {
    private let inner: VirtualCardChannel
    private let timing: CardTiming
    private(set) var durations: [Duration] = []

    init(_ inner: VirtualCardChannel, timing: CardTiming) {
        self.inner = inner
        self.timing = timing
    }

    var answerToReset: AnswerToReset { inner.answerToReset }
    var largestCommandData: Int { inner.largestCommandData }

    func transmit(_ command: CommandAPDU) throws(CardChannelError) -> ResponseAPDU {
        let answer = try inner.transmit(command)
        durations.append(timing.duration(of: command.bytes, answer: answer.bytes))
        return answer
    }

    func reset() throws(CardChannelError) { try inner.reset() }
}
