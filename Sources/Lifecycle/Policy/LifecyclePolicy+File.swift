public import CardCryptography
public import CardData
import Foundation

extension LifecyclePolicy {
    /// The policy to work by: the default, and where a site's file says otherwise, that file.
    ///
    /// A site whose city has given it a key works by no other policy than one that this key signed; and no site makes real cards
    /// by one that nobody signed.
    ///
    /// - Parameters:
    ///   - path: a file with any of the default's keys; nil for the default alone.
    ///   - cityKey: the city's public key, where there is one.
    /// - Throws: every fault of the file at once, `policy.unsigned`, `policy.signature-wrong`, `policy.city-key-missing`.
    public static func load(
        site path: String? = nil, cityKey: SM2.VerificationKey? = nil
    ) throws(Faults) -> LifecyclePolicy {
        guard let path else {
            guard cityKey == nil else { throw Faults("policy.none-named") }
            return try LifecyclePolicy(defaults: try defaults(), site: nil)
        }
        // Read once, so that what is checked is what is used.
        let bytes = try DataFile.bytes(of: path)
        if let cityKey { try PolicySignature.check(bytes, of: path, by: cityKey) }
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw Faults("data-file.not-utf8", ["path": path])
        }
        let policy = try parse(site: text, file: path)
        guard policy.mode == .development || cityKey != nil else {
            throw Faults("policy.city-key-missing", ["file": path])
        }
        return policy
    }

    /// As ``load(site:cityKey:)``, from a site's text, whoever wrote it; `file` is the name that faults carry.
    public static func parse(site text: String, file: String) throws(Faults) -> LifecyclePolicy {
        try LifecyclePolicy(defaults: try defaults(), site: try DataFile.parse(text, file: file))
    }

    private static func defaults() throws(Faults) -> YAMLNode {
        guard let path = Bundle.module.path(forResource: "policy", ofType: "yaml") else {
            throw Faults("policy.default-missing")
        }
        return try DataFile.read(path)
    }

    private static let keys: Set<String> = [
        "version", "mode", "area", "card-numbers", "validity-years", "pin-tries", "refused-pins", "temporary-loss-days",
        "temporary-loss-end", "renewal-days", "unclaimed-months", "replacement-fee", "pin-acts-per-day",
        "look-ups-per-day", "acts-per-day", "hold-days", "repeat-days", "intake-minutes", "lease",
        "stock-book", "typed-pieces", "after-day-end", "formal-loss-release", "registration-document",
        "first-card", "upper-tier", "two-person",
    ]

    /// A key of the site wins as a whole over the default's.
    private init(defaults: YAMLNode, site: YAMLNode?) throws(Faults) {
        var faults = FaultCollector()
        if let site {
            _ = faults.attempt { () throws(Faults) in try site.mapping }
            site.unknownKeys(allowed: Self.keys).forEach { faults.add($0) }
            // A site that changes a rule names its policy, else two policies would carry one version.
            if site["version"] == nil { faults.add("policy.version-missing", at: site.place) }
        }
        func read<Value>(_ key: String, _ body: (YAMLNode) throws(Faults) -> Value) -> Value? {
            faults.attempt { () throws(Faults) in
                if let node = site?[key] { return try body(node) }
                return try body(try defaults.required(key))
            }
        }
        let version = read("version") { node throws(Faults) in try node.string }
        let mode = read("mode", Self.mode)
        let area = read("area", Self.area)
        let cardNumbers = read("card-numbers", Self.cardNumbers)
        let validityYears = read("validity-years") { node throws(Faults) in try Self.number(node, in: 1...50) }
        let pinTries = read("pin-tries") { node throws(Faults) in try Self.number(node, in: 1...15) }
        let refusedPINs = read("refused-pins", Self.refusedPINs)
        let temporaryLossDays = read("temporary-loss-days") { node throws(Faults) in
            try Self.number(node, in: 1...366)
        }
        let temporaryLossEnd = read("temporary-loss-end", Self.temporaryLossEnd)
        let renewalDays = read("renewal-days") { node throws(Faults) in try Self.number(node, in: 0...366) }
        let unclaimedMonths = read("unclaimed-months") { node throws(Faults) in try Self.number(node, in: 0...120) }
        let replacementFee = read("replacement-fee") { node throws(Faults) in try Self.number(node, in: 0...100_000) }
        let pinActsPerDay = read("pin-acts-per-day") { node throws(Faults) in try Self.number(node, in: 0...10_000) }
        let lookUpsPerDay = read("look-ups-per-day") { node throws(Faults) in try Self.number(node, in: 0...100_000) }
        let actsPerDay = read("acts-per-day", Self.actsPerDay)
        let holdDays = read("hold-days") { node throws(Faults) in try Self.number(node, in: 0...36_600) }
        let repeatDays = read("repeat-days") { node throws(Faults) in try Self.number(node, in: 0...3660) }
        let intakeMinutes = read("intake-minutes") { node throws(Faults) in try Self.number(node, in: 1...10_080) }
        let lease = read("lease", Self.lease)
        let stockIsKept = read("stock-book") { node throws(Faults) in try node.boolean }
        let typedPieces = read("typed-pieces") { node throws(Faults) in
            try Self.word(node, TypedPieces.allCases, "policy.typed-pieces")
        }
        let afterDayEnd = read("after-day-end") { node throws(Faults) in
            try Self.word(node, AfterDayEnd.allCases, "policy.after-day-end")
        }
        let formalLossRelease = read("formal-loss-release") { node throws(Faults) in try node.boolean }
        let registrationDocument = read("registration-document") { node throws(Faults) in try node.boolean }
        let firstCard = read("first-card") { node throws(Faults) in
            try Self.word(node, FirstCard.allCases, "policy.first-card")
        }
        let upperTier = read("upper-tier") { node throws(Faults) in
            try Self.word(node, UpperTier.allCases, "policy.upper-tier")
        }
        let twoPersonActs = read("two-person", Self.transitions)
        try faults.check()
        guard let version, let mode, let area, let cardNumbers, let validityYears, let pinTries,
            let refusedPINs, let temporaryLossDays, let temporaryLossEnd, let renewalDays, let unclaimedMonths,
            let replacementFee,
            let pinActsPerDay, let lookUpsPerDay, let actsPerDay, let holdDays, let repeatDays, let intakeMinutes,
            let lease,
            let stockIsKept,
            let typedPieces,
            let afterDayEnd, let formalLossRelease,
            let registrationDocument, let firstCard, let upperTier, let twoPersonActs
        else { throw Faults("policy.default-missing") }
        self.init(
            version: version, mode: mode, area: area, cardNumbers: cardNumbers, validityYears: validityYears,
            pinTries: pinTries, refusedPINs: refusedPINs, temporaryLossDays: temporaryLossDays,
            temporaryLossEnd: temporaryLossEnd,
            renewalDays: renewalDays, unclaimedMonths: unclaimedMonths, replacementFee: replacementFee,
            pinActsPerDay: pinActsPerDay, lookUpsPerDay: lookUpsPerDay, actsPerDay: actsPerDay, holdDays: holdDays,
            repeatDays: repeatDays, intakeMinutes: intakeMinutes, lease: lease,
            stockIsKept: stockIsKept,
            typedPieces: typedPieces, afterDayEnd: afterDayEnd, formalLossMayBeReleased: formalLossRelease,
            registrationShowsDocument: registrationDocument, firstCard: firstCard, upperTier: upperTier,
            twoPersonActs: twoPersonActs)
    }

    private static func mode(_ node: YAMLNode) throws(Faults) -> Mode {
        let text = try node.string
        guard let mode = Mode(rawValue: text) else { throw node.fault("policy.mode", ["value": text]) }
        return mode
    }

    private static func refusedPINs(_ node: YAMLNode) throws(Faults) -> Set<GuessablePIN> {
        var faults = FaultCollector()
        var found: Set<GuessablePIN> = []
        for member in try node.list {
            let name = faults.attempt { () throws(Faults) in try member.string }
            if let guessable = name.flatMap(GuessablePIN.init(rawValue:)) {
                found.insert(guessable)
            } else if let name {
                let known = GuessablePIN.allCases.map(\.rawValue).joined(separator: ", ")
                faults.add("policy.refused-pins", ["value": name, "known": known], at: member.place)
            }
        }
        try faults.check()
        return found
    }

    /// One of some words.
    private static func word<Value: RawRepresentable<String>>(
        _ node: YAMLNode, _ known: [Value], _ code: FaultCode
    ) throws(Faults) -> Value {
        let text = try node.string
        guard let value = Value(rawValue: text) else {
            throw node.fault(code, ["value": text, "known": known.map(\.rawValue).joined(separator: ", ")])
        }
        return value
    }

    private static func area(_ node: YAMLNode) throws(Faults) -> String {
        let text = try node.string
        guard text.utf8.count == 6, text.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else {
            throw node.fault("policy.area", ["value": text])
        }
        return text
    }

    private static func number(_ node: YAMLNode, in range: ClosedRange<Int>) throws(Faults) -> Int {
        let number = try node.integer
        guard range.contains(number) else {
            throw node.fault(
                "policy.number",
                ["value": String(number), "least": String(range.lowerBound), "most": String(range.upperBound)])
        }
        return number
    }

    private static func temporaryLossEnd(_ node: YAMLNode) throws(Faults) -> TemporaryLossEnd {
        let text = try node.string
        guard let end = TemporaryLossEnd.allCases.first(where: { $0.name == text }) else {
            throw node.fault(
                "policy.temporary-loss-end",
                ["value": text, "known": TemporaryLossEnd.allCases.map(\.name).joined(separator: ", ")])
        }
        return end
    }

    private static func actsPerDay(_ node: YAMLNode) throws(Faults) -> [LimitedAct: Int] {
        var faults = FaultCollector()
        var found: [LimitedAct: Int] = [:]
        for entry in try node.mapping {
            if let act = LimitedAct(rawValue: entry.key) {
                found[act] = faults.attempt { () throws(Faults) in try number(entry.value, in: 0...100_000) }
            } else {
                let known = LimitedAct.allCases.map(\.rawValue).joined(separator: ", ")
                faults.add("policy.acts-per-day", ["value": entry.key, "known": known], at: entry.value.place)
            }
        }
        try faults.check()
        return found
    }

    private static func lease(_ node: YAMLNode) throws(Faults) -> LeaseTerms {
        var faults = FaultCollector()
        node.unknownKeys(allowed: ["register-hours", "cards-per-day", "cards"]).forEach { faults.add($0) }
        func count(_ key: String) -> Int? {
            faults.attempt { () throws(Faults) in try number(try node.required(key), in: 0...1_000_000) }
        }
        let hours = count("register-hours")
        let perDay = count("cards-per-day")
        let cards = count("cards")
        try faults.check()
        return LeaseTerms(registerHours: hours ?? 0, cardsPerDay: perDay ?? 0, cards: cards ?? 0)
    }

    private static func cardNumbers(_ node: YAMLNode) throws(Faults) -> CardNumberRange {
        if let faults = Faults(node.unknownKeys(allowed: ["letter", "first", "last"])) { throw faults }
        let letter = try node.required("letter")
        let text = try letter.string
        guard text.count == 1, let character = text.first else {
            throw letter.fault("card-number-range.letter", ["letter": text])
        }
        let first = try node.required("first").integer
        let last = try node.required("last").integer
        do {
            return try CardNumberRange(letter: character, first: first, last: last)
        } catch {
            throw Faults(error.faults.map { $0.located(at: node.place) }) ?? error
        }
    }

    private static func transitions(_ node: YAMLNode) throws(Faults) -> Set<Transition> {
        var faults = FaultCollector()
        var found: Set<Transition> = []
        for member in try node.list {
            let name = faults.attempt { () throws(Faults) in try member.string }
            if let transition = name.flatMap(Transition.init(rawValue:)) {
                found.insert(transition)
            } else if let name {
                faults.add("policy.transition", ["value": name], at: member.place)
            }
        }
        try faults.check()
        return found
    }
}
