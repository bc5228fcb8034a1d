import CardData
import SmartCardReader
import Testing

@testable import CounterService

/// 培训: what is practised on is virtual.
@Suite struct TrainingReaderTests {
    @Test(arguments: [
        ("Virtual PCD 0 00 00", true, true), ("ACS ACR39U 00 00", true, false),
        ("Virtual PCD 0 00 00", false, true), ("ACS ACR39U 00 00", false, true),
    ])
    func practiceTouchesNoRealCard(name: String, isTraining: Bool, isFree: Bool) throws {
        let reader = try #require(ReaderName(rawValue: name))
        let refusal = CardRoom.refusal(of: reader, isTraining: isTraining)
        let expected: Fault? = isFree ? nil : Fault("training.real-reader", ["reader": name])
        #expect(refusal == expected)
    }
}
