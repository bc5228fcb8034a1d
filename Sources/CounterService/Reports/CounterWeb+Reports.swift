import CardData
import Hummingbird
import Lifecycle
import Registry

/// 报表: what a supervisor looks at, for people and for programs; and the acts of a day for its end.
extension CounterWeb {
    /// No report goes over more days: ten years.
    private static let mostDays = 3660
    /// No list of a report is longer; what is more is counted.
    private static let mostRows = 500
    /// No list for a program that asks for more is longer.
    private static let mostRowsAsked = 100_000
    /// Of look-ups the page shows no more, which else hide what is under them.
    private static let mostLookUps = 50
    /// No report takes in more events: some seconds, and some tens of megabytes for whom they were about.
    private static let mostEvents = 1_000_000

    func addReports(to router: Router<CounterContext>) {
        page(router, "/reports") { visitor in
            do {
                return try await reportsPage(try reportDays(visitor), visitor)
            } catch let error as any FaultReporting where FaultStatus.status(of: error.faults).code < 500 {
                guard ["counter.report-days", "counter.report-large"].contains(error.faults.first?.code) else {
                    throw error
                }
                let today = Moment.day(desk.clocks.wall())
                return try await reportsPage(today...today, visitor, error.faults)
            }
        }
    }

    /// The report of the days that an address asks for, for programs.
    func report(_ visitor: Visitor) async throws -> DaysReport {
        let days = try reportDays(visitor)
        let (report, waiting) = try await report(of: days, mostRows: try rowsAsked(visitor))
        let persons = try await audited(report.listed, for: visitor)
        return DaysReport(
            days, report, waiting, ages: ages(waiting), persons: persons,
            outstanding: try await outstanding(unsent: report.unsent))
    }

    /// The days of the address, today where it says none; throws `counter.report-days`, and `counter.no-role` for who is not to look.
    private func reportDays(_ visitor: Visitor) throws(Faults) -> ClosedRange<UInt32> {
        guard visitor.seesReports else { throw Faults("counter.no-role") }
        let today = Moment.day(desk.clocks.wall())
        func day(_ name: String) -> UInt32? {
            let text = visitor.request.uri.queryParameters[Substring(name)].map(String.init) ?? ""
            return text.isEmpty ? today : Moment.day(written: text)
        }
        guard let first = day("from"), let last = day("to"), first <= last,
            let start = Moment.bounds(of: first)?.lowerBound, let end = Moment.bounds(of: last)?.upperBound,
            end - start <= UInt64(Self.mostDays) * 86_400_000
        else { throw Faults("counter.report-days", ["most": String(Self.mostDays)]) }
        return first...last
    }

    /// How many rows of each list a program asks for; throws `counter.report-rows`.
    private func rowsAsked(_ visitor: Visitor) throws(Faults) -> Int {
        guard let text = visitor.request.uri.queryParameters["rows"] else { return Self.mostRows }
        guard let rows = Int(text), (1...Self.mostRowsAsked).contains(rows) else {
            throw Faults("counter.report-rows", ["most": String(Self.mostRowsAsked)])
        }
        return rows
    }

    private func report(
        of days: ClosedRange<UInt32>, mostRows: Int = Self.mostRows
    ) async throws -> (OfficeReport, UncollectedCards) {
        let hours = configuration.officeHours
        let start = Moment.bounds(of: days.lowerBound)?.lowerBound ?? 0
        let end = Moment.bounds(of: days.upperBound)?.upperBound ?? 0
        let waiting = desk.waiting
        return try await desk.registry { registry in
            var report = OfficeReport(
                hours: hours, mostRows: mostRows, mostEvents: Self.mostEvents,
                acknowledged: try registry.acknowledged())
            var isWhole = true
            try registry.forEachEvent(from: start, to: end) { logged, person in
                isWhole = report.take(logged, about: person)
                return isWhole
            }
            guard isWhole else { throw Faults("counter.report-large", ["most": String(Self.mostEvents)]) }
            try report.settleBlanks { try registry.making(of: $0) }
            for ruled in waiting.ruled(since: start) {
                let person = try ruled.card.flatMap { card throws(RegistryError) in
                    try registry.card(card)?.facts?.person
                }
                if let person { report.takeRuling(ruled, about: person) }
            }
            try registry.forEachEvent(from: start, to: end, upTo: report.newest, of: .personLookedUp) { logged, _ in
                report.takeLookUp(logged)
                return true
            }
            try registry.forEachEvent(from: 0, to: end, upTo: report.newest, of: .stockReceived) { logged, _ in
                report.takeDelivery(logged)
                return true
            }
            try report.take(
                Self.repeats(from: start, to: end, upTo: report.newest, in: registry)
            ) { try registry.event(at: $0) }
            return (report, try registry.uncollectedCards(mostRows))
        }
    }

    /// The cards of a stretch of time that were made for somebody for whom another had been made shortly before.
    private static func repeats(
        from start: UInt64, to end: UInt64, upTo last: UInt64, in registry: Registry
    ) throws(RegistryError) -> Repeats {
        var repeats = Repeats(from: start, within: registry.policy.repeatDays)
        try registry.forEachEvent(from: repeats.firstTime, to: end, upTo: last, of: .personalized) { logged, _ in
            repeats.take(logged)
            return true
        }
        return repeats
    }

    /// How many finished cards have waited how long.
    private func ages(_ waiting: UncollectedCards) -> [WaitingAge: Int] {
        let now = desk.clocks.wall()
        var ages: [WaitingAge: Int] = [:]
        for (issued, count) in waiting.byIssueDate {
            let start = UInt32(issued.text).flatMap { Moment.bounds(of: $0)?.lowerBound } ?? now
            ages[WaitingAge(days: now > start ? Int((now - start) / 86_400_000) : 0), default: 0] += count
        }
        return ages
    }

    // MARK: - Views

    private func reportsPage(
        _ days: ClosedRange<UInt32>, _ visitor: Visitor, _ faults: [Fault] = []
    ) async throws -> Response {
        let language = visitor.language
        let (report, waiting) = try await report(of: days)
        let ages = ages(waiting)
        func text(_ name: String) -> String { pages.words.text(name, language) }
        let persons = try await audited(report.listed, for: visitor)
        func list(
            _ name: String, _ listing: OfficeReport.Listing, _ about: String = "", most: Int = Self.mostRows
        ) -> View {
            let shown = listing.newest.prefix(most)
            return [
                "about": about, "name": pages.words.text("report-\(name)", language), "identifier": name,
                "count": String(listing.count), "isCut": listing.count > shown.count,
                "shown": String(shown.count),
                "rows": shown.map { logged in
                    var row = eventRow(logged, language)
                    let told = detailLine(
                        details(of: logged, among: [], language) + details(of: logged, audited: persons, language),
                        language)
                    if !told.isEmpty { row["told"] = told }
                    return row
                }, "hasRows": listing.count > 0,
            ]
        }
        var view: View = [
            "from": Moment.written(days.lowerBound), "to": Moment.written(days.upperBound),
            "acts": actViews(report.acts.rows, language),
            "hasActs": !report.acts.rows.isEmpty,
            "lists": [
                list("losses", report.losses), list("spoiled", report.spoiled),
                list("lookUps", report.lookUpsWithoutAct, most: Self.mostLookUps),
                list("outside", report.outsideHours, text("officeHours") + configuration.officeHours.text),
                list("fees", report.fees),
                list("repeats", report.repeats, text("repeatsWithin") + String(desk.policy.repeatDays)),
            ], "waitingCount": String(waiting.count), "hasWaiting": waiting.count > 0,
            "ages": WaitingAge.allCases.map { age in
                [
                    "name": pages.words.text("waiting-\(age.rawValue)", language),
                    "count": String(ages[age] ?? 0),
                ] as View
            },
            "waiting": waiting.oldest.map { card in
                var row = cardRow(card, language)
                row["issued"] = card.facts.map { dashed($0.issued) }
                return row
            } as [View],
        ]
        view["blankUse"] = blankView(report.blanks, language)
        view["outstanding"] = try await outstanding(unsent: report.unsent).view
        return show(
            "reports", visitor, title: pages.words.text("reports", language), faults: faults, view)
    }

    /// What became of blanks for a template; nil where none was used.
    func blankView(_ blanks: BlankUse, _ language: MessageLanguage) -> View? {
        guard blanks.all.used > 0 else { return nil }
        func row(_ name: String, _ count: BlankUse.Count) -> View {
            let rate = count.spoiledOfThousand.map { "\($0 / 10).\($0 % 10) %" } ?? "–"
            return [
                "name": name, "used": String(count.used), "good": String(count.good), "spoiled": String(count.spoiled),
                "rate": rate,
            ]
        }
        return [
            "byOfficer": blanks.byOfficer.map { row(officerName($0.officer), $0.count) },
            "byDelivery": blanks.byDelivery.map {
                row($0.delivery?.description ?? pages.words.text("noDelivery", language), $0.count)
            }, "all": row(pages.words.text("allBlanks", language), blanks.all),
        ]
    }

    private func officerName(_ number: UInt64) -> String {
        let name = (try? desk.operators.operation(number))?.name
        return [String(number), name].compactMap(\.self).joined(separator: " ")
    }

    /// A day's work for a template.
    func dayView(_ work: DayWork, _ language: MessageLanguage) -> View {
        let rows = work.acts.rows
        var view: View = [
            "acts": actViews(rows, language), "hasActs": !rows.isEmpty, "repeatCount": String(work.repeats),
            "repeatDays": String(desk.policy.repeatDays),
        ]
        view["blankUse"] = blankView(work.blanks, language)
        return view
    }

    /// Acts by kind and officer for a template.
    func actViews(_ acts: [ActCounts.Row], _ language: MessageLanguage) -> [View] {
        acts.map { act in
            ["act": language.word(act.kind), "count": String(act.count), "officer": officerName(act.officer)]
        }
    }

    /// What was done on a business day at this counter, up to an event, so that a paper and its copy say the same: acts by kind and
    /// officer, what became of blanks, and how many cards were made for somebody who had got one shortly before.
    ///
    /// What an officer did after closing an earlier day is among them, and what they did after closing this one is not.
    func work(of day: UInt32, before sequence: UInt64 = .max) async throws -> DayWork {
        guard let bounds = Moment.bounds(of: day) else { return DayWork() }
        let earliest = bounds.lowerBound - min(bounds.lowerBound, Self.carriedDays * 86_400_000)
        return try await desk.registry { registry in
            let closings = try registry.dayClosings(in: Moment.day(earliest)...day).filter { $0.sequence < sequence }
            var worked: Set<UInt32> = []
            if let first = closings.filter({ $0.day < day }).map(\.day).min(), let since = Moment.bounds(of: first) {
                try registry.forEachEvent(from: since.upperBound, to: bounds.lowerBound, upTo: sequence - 1) {
                    logged, _ in
                    // What a timer does is nobody's work.
                    if logged.event.officer > 0 { worked.insert(Moment.day(logged.event.wallMilliseconds)) }
                    return true
                }
            }
            let days = BusinessDays(closings, of: day, worked: worked)
            let start = days.firstCarried.flatMap { Moment.bounds(of: $0)?.lowerBound } ?? bounds.lowerBound
            var work = DayWork(acknowledged: try registry.acknowledged())
            try registry.forEachEvent(from: start, to: bounds.upperBound, upTo: sequence - 1) { logged, _ in
                if days.contains(logged.event) { work.take(logged) }
                return true
            }
            try work.settleBlanks { try registry.making(of: $0) }
            work.repeats = try Self.repeats(
                from: bounds.lowerBound, to: bounds.upperBound, upTo: sequence - 1, in: registry
            ).sequences.count
            return work
        }
    }

    /// Acts behind a day's end are looked for so many days back: holidays are shorter.
    private static let carriedDays: UInt64 = 31

    /// Whether an officer has closed today.
    func isDayClosed(of officer: UInt64) async throws -> Bool {
        let today = Moment.day(desk.clocks.wall())
        return try await desk.registry { try $0.dayClosings(in: today...today) }.contains { $0.owner == officer }
    }

    /// Whether an act came after its officer had closed the day of it, so that it belongs to their next one.
    func isAfterDayEnd(_ logged: LoggedEvent) async throws -> Bool {
        let day = Moment.day(logged.event.wallMilliseconds)
        return try await desk.registry { try $0.dayClosings(in: day...day) }.contains {
            $0.owner == logged.event.officer && $0.sequence < logged.event.identifier.sequence
        }
    }
}
