import ArgumentParser
import CardApplication
import CardData

/// Leave to spend the last try of a key or PIN.
struct LastTryOptions: ParsableArguments {
    @Flag(help: "允许使用最后一次尝试，须写明 --officer 和 --second Spend the last try of a key or PIN: two officers say so.")
    var spendLastTry = false

    /// The permission; throws when it is asked for and only one person gives it.
    func permission(_ officers: OfficerOptions) throws(Faults) -> LastTryPermission? {
        guard spendLastTry else { return nil }
        guard let second = officers.second else { throw Faults("card.last-try-second") }
        return try LastTryPermission(officer: officers.number, second: second)
    }
}
