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
    /// The numbers to be withheld: of each lease of this counter, and of the policy's range without what was granted in leases, the free
    /// ones in the order in which they would be handed out.
    ///
    /// - Throws: `numbersFrom` for a number that is in none of them or too far behind the first free one, `numbersFromTaken` for one
    ///   before that.
    func numbersInDoubt(_ doubt: NumbersInDoubt) throws(RegistryError) -> [CardNumberRange] {
        try reading { database in
            let open = try LeaseTable.open(in: database).map(\.lease)
            // A lease's numbers lie in the policy's range: a number of both is meant of the lease.
            var pools = open.filter { $0.counter == self.counter }.map { NumberPool($0.numbers, without: []) }
            pools.append(NumberPool(self.policy.cardNumbers, without: open.map(\.numbers)))
            var (named, gap): (CardNumber?, Int) = (nil, NumbersInDoubt.gap)
            switch doubt {
            case .before(let number): named = number
            case .next(let count): gap = max(count, 0)
            }
            gap = min(gap, Restoration.mostWithheld / pools.count)
            var found: [CardNumberRange] = []
            for pool in pools {
                if let number = named, pool.range.contains(number) {
                    found += try pool.free(before: number, in: database)
                    named = nil
                } else {
                    found += try pool.free(upTo: gap, before: nil, in: database).runs
                }
            }
            if let named { throw RegistryError.backup(.numbersFrom(named)) }
            return found
        }
    }
}

/// The numbers of a range that one counter may hand out.
private struct NumberPool {
    let range: CardNumberRange
    /// What is left of the range, in its order.
    private let parts: [CardNumberRange]

    init(_ range: CardNumberRange, without granted: [CardNumberRange]) {
        self.range = range
        var parts: [CardNumberRange] = []
        var start = range.serials.lowerBound
        let others = granted.filter { $0.overlaps(range) }.map(\.serials).sorted { $0.lowerBound < $1.lowerBound }
        for other in others {
            parts += [Self.run(of: range.letter, start, other.lowerBound - 1)].compactMap(\.self)
            start = max(start, other.upperBound + 1)
        }
        self.parts = parts + [Self.run(of: range.letter, start, range.serials.upperBound)].compactMap(\.self)
    }

    /// The free numbers before one that was certainly never used.
    func free(before number: CardNumber, in database: Database) throws -> [CardNumberRange] {
        let found = try free(upTo: Restoration.mostWithheld + 1, before: number, in: database)
        guard found.count <= Restoration.mostWithheld else { throw RegistryError.backup(.numbersFrom(number)) }
        if found.count == 0, let first = try first(in: database), number.text < first.text,
            parts.contains(where: { $0.contains(number) })
        {
            throw RegistryError.backup(.numbersFromTaken(number, free: first))
        }
        return found.runs
    }

    /// The first free numbers, in runs: what is taken between two of a run stays as it is.
    ///
    /// - Parameter number: where the search ends; nil for the end of the range.
    func free(
        upTo most: Int, before number: CardNumber?, in database: Database
    ) throws -> (runs: [CardNumberRange], count: Int) {
        var (runs, count): ([CardNumberRange], Int) = ([], 0)
        let end = number.flatMap { Int($0.body.dropFirst()) } ?? .max
        for whole in parts {
            guard
                var part = Self.run(of: whole.letter, whole.serials.lowerBound, min(whole.serials.upperBound, end - 1))
            else { break }
            var run: CardNumberRange?
            while count < most, let place = try NumberTable.firstFree(in: part, from: 0, in: database) {
                let first = part.serials.lowerBound + place
                guard let rest = Self.run(of: part.letter, first, part.serials.upperBound) else { break }
                let taken = try NumberTable.firstTaken(in: rest, in: database).flatMap { Int($0.body.dropFirst()) }
                let last = min(taken.map { $0 - 1 } ?? rest.serials.upperBound, first + most - count - 1)
                count += last - first + 1
                // One run as long as its event may have it.
                let start = run?.serials.lowerBound ?? first
                if last - start >= Restoration.mostWithheld {
                    runs += [run].compactMap(\.self)
                    run = Self.run(of: part.letter, first, last)
                } else {
                    run = Self.run(of: part.letter, start, last)
                }
                guard let next = Self.run(of: part.letter, last + 1, part.serials.upperBound) else { break }
                part = next
            }
            runs += [run].compactMap(\.self)
        }
        return (runs, count)
    }

    private func first(in database: Database) throws -> CardNumber? {
        for part in parts {
            if let place = try NumberTable.firstFree(in: part, from: 0, in: database) { return part.number(at: place) }
        }
        return nil
    }

    /// A run from one serial to another; nil for none.
    private static func run(of letter: Character, _ first: Int, _ last: Int) -> CardNumberRange? {
        first <= last ? try? CardNumberRange(letter: letter, first: first, last: last) : nil
    }
}
