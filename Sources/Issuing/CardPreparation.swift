import CardCryptography
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
    /// Compares a sample of each card's keys with another derivation of them; nil where there is no other.
    public let comparison: EngineComparison?
    /// The versions of the keys that new cards are made with, which are recorded with each; nil where none are recorded.
    public let keyVersions: CardKeyVersions?

    /// A preparation from its parts.
    public init(
        library: CardLibrary, keys: any CardKeyService, policy: LifecyclePolicy, today: CardDate,
        comparison: EngineComparison? = nil, keyVersions: CardKeyVersions? = nil
    ) {
        self.comparison = comparison
        self.keyVersions = keyVersions
        self.library = library
        self.keys = keys
        self.policy = policy
        self.today = today
    }

    /// A key service that refuses whatever asks for a key: for looking at what anybody may read, before a key store is opened.
    public static var absentKeys: any CardKeyService { AbsentKeys() }

    /// The person of a row; throws everything that is wrong with it.
    public func applicant(_ row: PersonRecord) throws(Faults) -> Applicant {
        try Applicant(
            row, areas: library.areas, today: today, mode: policy.mode == .production ? .production : .training,
            validityYears: policy.validityYears)
    }

    /// The person of a row whose values all fit the layout; throws everything that is wrong with either.
    ///
    /// Nothing is changed by it, so it comes before a number is reserved or a card touched.
    public func checked(_ row: PersonRecord, layoutName: String) throws(Faults) -> Applicant {
        let encoder = try library.entry(layoutName).encoder
        var faults = FaultCollector()
        let applicant = faults.attempt(at: row.place) { () throws(Faults) in try self.applicant(row) }
        do {
            _ = try encoder.encode(try standIns(for: row, applicant))
        } catch {
            // Without a person the mandatory values are missing, which the person's own faults have told already.
            for fault in error.faults where applicant != nil || fault.code != "layout.value-missing" {
                let column = fault.parameters["element"] ?? fault.parameters["name"] ?? ""
                faults.add(fault.located(at: row.place(of: column)))
            }
        }
        try faults.check()
        guard let applicant else { throw Faults("applicant.incomplete", at: row.place) }
        return applicant
    }

    /// The values of a row with any number and code in the place of those that are given later.
    private func standIns(for row: PersonRecord, _ applicant: Applicant?) throws(Faults) -> [String: String] {
        guard let applicant, let number = applicant.cardNumber ?? policy.cardNumbers.number(at: 0) else {
            let own = Set(Applicant.columns.mandatory + Applicant.columns.optional)
            return row.values.filter { !own.contains($0.key) }
        }
        let code = try IdentificationCode(areaCode: policy.area, serial: [0, 0, 0, 0])
        return CardValues(applicant: applicant, number: number, identificationCode: code, area: policy.area)
            .merged(into: row.values)
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
    ///
    /// - Parameter readerTakes: the most data bytes that the reader takes; nil for one that takes whatever the card does.
    public func plan(
        _ values: [String: String], layoutName: String, pinLength: Int, readerTakes: Int? = nil,
        at place: SourcePlace?
    ) throws(Faults) -> CardPlan {
        let entry = try library.entry(layoutName)
        // whoever holds the published keys could install what he likes on the card
        if let domain = entry.compiled.profile.globalPlatform, domain.keyReplacement == nil, policy.mode == .production
        {
            throw Faults("globalplatform.final-keys-missing", ["profile": domain.name], at: domain.place)
        }
        let profile = entry.compiled.profile
        // The number is the region's and written into the card.
        for key in profile.directories.values.flatMap(\.keys) where key.isPIN && Int(key.tries) != policy.pinTries {
            throw Faults(
                "policy.pin-tries",
                ["policy": String(policy.pinTries), "card": String(key.tries), "profile": profile.name], at: place)
        }
        return try CardPlanner(entry.compiled, readerTakes: readerTakes).plan(
            for: entry.encoder.encode(values, at: place), pinLength: pinLength)
    }

    /// How many commands the card of a request takes when it is made from a blank.
    ///
    /// Number and code, which are given later, have a fixed length, so they do not change the count.
    func commandCount(of request: IssuingRequest) throws(Faults) -> Int {
        let values = try standIns(for: request.person, applicant(request.person))
        return try plan(
            values, layoutName: request.layoutName, pinLength: (request.pin.count + 1) / 2, at: request.person.place
        ).commandCount
    }
}
