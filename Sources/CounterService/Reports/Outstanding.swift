import CardData
import Issuing
import Lifecycle

/// What is not brought to its end at a day's end, whoever began it.
struct Outstanding: Sendable {
    /// Issues that are open, and whose fee an officer has ticked as settled: nobody has got a card for it yet.
    let feesTicked: Int
    /// Fees that were settled for cards which their holders never got, and that nobody has answered for.
    let feesOwed: Int
    /// Acts of the days that the upper tier has not acknowledged.
    let unsent: Int

    /// A template's view of it.
    var view: View {
        ["feesTicked": String(feesTicked), "feesOwed": String(feesOwed), "unsentOfDay": String(unsent)]
    }
}

extension CounterWeb {
    /// What is open now, beside so many acts of the days in question that are not acknowledged.
    func outstanding(unsent: Int) async throws -> Outstanding {
        let room = room
        let (open, owed) = try await room.blocking { (try room.shelf.unfinished().issues, try room.shelf.owingFees()) }
        let ticked = open.filter { $0.replacement?.handling.proofs.contains(.feeSettled) ?? false }
        return Outstanding(feesTicked: ticked.count, feesOwed: owed.count, unsent: unsent)
    }
}
