public import CardData
import CardLayout
public import IssuerKeys
public import Lifecycle
public import Personalization

/// Everything of issuing that needs neither card nor registry: judging a row, giving it its values, planning.
public struct CardPreparation: Sendable {
    /// Layouts and code tables.
    public let library: CardLibrary
    /// Uses the issuer's keys.
    public let keys: any CardKeyService
    /// The site's policy.
    public let policy: LifecyclePolicy
    /// The day of issue for rows without one.
    public let today: CardDate

    /// A preparation from its parts.
    public init(library: CardLibrary, keys: any CardKeyService, policy: LifecyclePolicy, today: CardDate) {
        self.library = library
        self.keys = keys
        self.policy = policy
        self.today = today
    }

    /// The person of a row; throws everything that is wrong with it.
    public func applicant(_ row: PersonRecord) throws(Faults) -> Applicant {
        try Applicant(
            row, areas: library.areas, today: today, mode: policy.mode == .production ? .production : .training,
            validityYears: policy.validityYears)
    }

    /// The columns a people file may have for a layout.
    public func columns(layoutName: String) throws(Faults) -> PersonColumns {
        Applicant.columns.allowing(try library.entry(layoutName).encoder.valueNames)
    }

    /// All element values of a card: the row's, and the number and codes given to it.
    public func values(
        _ row: PersonRecord, _ applicant: Applicant, number: CardNumber, context: CardKeyContext
    ) throws -> [String: String] {
        let code =
            try applicant.identificationCode
            ?? CardValues.identificationCode(for: number, area: policy.area, keys: keys, context: context)
        return CardValues(applicant: applicant, number: number, identificationCode: code, area: policy.area)
            .merged(into: row.values)
    }

    /// The plan of a card with these values.
    public func plan(
        _ values: [String: String], layoutName: String, pinLength: Int, at place: SourcePlace?
    ) throws(Faults) -> CardPlan {
        let entry = try library.entry(layoutName)
        return try CardPlanner(entry.compiled).plan(
            for: entry.encoder.encode(values, at: place), pinLength: pinLength)
    }
}
