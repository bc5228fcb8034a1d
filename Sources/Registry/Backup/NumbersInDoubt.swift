public import CardData
import GRDB
import Lifecycle

/// Which card numbers may stand on cards of a stretch of the log that is lost.
public enum NumbersInDoubt: Hashable, Sendable {
    /// Those before this one, which was certainly never used; of further ranges that the counter takes numbers from, the usual gap.
    case before(CardNumber)
    /// So many that come next, of each range that the counter takes numbers from; never more than one restoration withholds.
    case next(Int)

    /// So many where nobody says more: what a counter makes in some days.
    public static let gap = 1000
}

extension Registry {
    /// The numbers to be withheld: of the policy's range, and of each lease of this counter, from the first free one on.
    ///
    /// - Throws: `numbersFrom` for a number that is in none of them, before the first free one, or too far behind it.
    func numbersInDoubt(_ doubt: NumbersInDoubt) throws(RegistryError) -> [CardNumberRange] {
        try reading { database in
            let leases = try LeaseTable.open(in: database).map(\.lease).filter { $0.counter == self.counter }
            // A lease's numbers lie in the policy's range: a number of both is meant of the lease.
            let ranges = leases.map(\.numbers) + [self.policy.cardNumbers]
            var (named, gap): (CardNumber?, Int) = (nil, NumbersInDoubt.gap)
            switch doubt {
            case .before(let number): named = number
            case .next(let count): gap = max(count, 0)
            }
            gap = min(gap, Restoration.mostWithheld / ranges.count)
            var found: [CardNumberRange] = []
            for range in ranges {
                let start = try NumberTable.firstFree(in: range, from: 0, in: database) ?? range.count
                var end = min(start + gap, range.count)
                if let number = named, range.contains(number), let serial = Int(number.body.dropFirst()) {
                    end = serial - range.serials.lowerBound
                    guard (start...start + Restoration.mostWithheld).contains(end) else {
                        throw RegistryError.backup(.numbersFrom(number))
                    }
                    named = nil
                }
                guard start < end else { continue }
                let first = range.serials.lowerBound
                found.append(try CardNumberRange(letter: range.letter, first: first + start, last: first + end - 1))
            }
            if let named { throw RegistryError.backup(.numbersFrom(named)) }
            return found
        }
    }
}
