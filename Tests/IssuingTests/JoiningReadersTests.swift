import Testing

@testable import Issuing
@testable import SmartCardReader

/// Readers that come and go while a batch runs, by what the watch of readers tells.
@Suite struct JoiningReadersTests {
    /// Attached, found again after a restart of the service, unplugged and plugged in again; a slot for modules is none.
    @Test func aReaderBecomesALaneAsOftenAsItComes() async throws {
        let (a, b) = (try #require(ReaderName(rawValue: "A 00 00")), try #require(ReaderName(rawValue: "B 00 00")))
        let sam = try #require(ReaderName(rawValue: "C SAM 00 00"))
        func attached(_ name: ReaderName) -> ReaderEvent {
            .readerAttached(
                ReaderDescription(
                    name: name, cardState: .empty, answerToReset: nil, eventCounter: 0, isHeldExclusively: false))
        }
        let (events, happen) = AsyncStream<ReaderEvent>.makeStream()
        for event in [
            attached(a), attached(sam), attached(b), .serviceLost(.serviceNotRunning), .serviceRestored, attached(a),
            attached(b), .readerDetached(b), attached(b), .readerDetached(a), attached(a),
        ] { happen.yield(event) }
        happen.finish()
        var names: [String] = []
        let lanes = JoiningReaders.lanes(of: events, besides: [a]) {
            !$0.looksLikeSAMSlot
        } lane: {
            TestLane($0.rawValue)
        }
        for await lane in lanes { names.append(lane.name) }
        #expect(names == [b, b, a].map(\.rawValue))
    }

    /// After the PC/SC service was away, a reader can be told as gone and come again while its lane still waits.
    @Test func aReaderHasOneLaneAtATime() {
        var roster = LaneRoster(["A", "B"])
        #expect(roster.join(TestLane("A"))?.name == nil)
        #expect(roster.join(TestLane("C"))?.name == "C")
        #expect(roster.end("B")?.name == nil && roster.end("C")?.name == nil)
        // the first lane of A has ended: the one that came begins
        #expect(roster.end("A")?.name == "A")
        #expect(!roster.isEmpty)
        #expect(roster.end("A")?.name == nil && roster.isEmpty)
    }
}
