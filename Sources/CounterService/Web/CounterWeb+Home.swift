import CardData
import Hummingbird
import Issuing
import Lifecycle
import Registry

/// The first page: numbers, a search, readers, the clock.
extension CounterWeb {
    func addHome(to router: Router<CounterContext>) {
        page(router, "/") { visitor in
            guard visitor.isOffice else { return try await administratorsHome(visitor) }
            let officer = visitor.person.number
            let numbers = try await desk.registry { try $0.deskNumbers(of: officer) }
            let waiting = try await today().waiting.count
            let toApprove = try await toApprove(numbers, by: visitor.person)
            let own = try await ownWaiting(of: visitor.person)
            let room = room
            let issues = room.keys == nil ? nil : try await room.blocking { try room.shelf.unfinished() }
            // A damaged file waits for somebody as an open issue does.
            let open = issues.map { $0.issues.count + $0.damaged.count } ?? 0
            let owed = room.keys == nil ? 0 : try await room.blocking { try room.shelf.owingFees().count }
            var view = view(
                of: numbers, waiting, toApprove: toApprove, own: own, openIssues: open, owedFees: owed, visitor)
            let found = try await desk.registry { try $0.foundCardCount() }
            if let tiles = view["tiles"] as? [View] {
                view["tiles"] = tiles + [tile("foundCards", found, "/found-cards", visitor.language)]
            }
            let holdsOver = desk.holdsOver
            let over = try await desk.registry { try holdsOver.fault(in: $0) }
            let troubles = try await troubles(numbers) + [over].compactMap(\.self)
            view["troubles"] = PageRenderer.views(of: troubles, visitor.language)
            return show("home", visitor, title: pages.words.text("home", visitor.language), view)
        }
    }

    private func view(
        of numbers: DeskNumbers, _ waiting: Int, toApprove: Int, own: (all: Int, toDo: Int), openIssues: Int,
        owedFees: Int, _ visitor: Visitor
    ) -> View {
        let language = visitor.language
        let now = desk.clocks.wall()
        var view: View = searchView(visitor)
        view["tiles"] =
            [
                tile("queueWaiting", waiting, "/queue", language),
                tile("toApprove", toApprove, "/approvals", language),
                tile("mine", numbers.mine, "/applications?mine=1", language),
                tile("sentBack", numbers.applications[.supplement] ?? 0, "/applications?state=supplement", language),
                tile("ownActs", own.toDo, "/approvals?mine=1", language, of: own.all),
                tile("failedOrders", numbers.failed, "/applications?state=approved", language),
                tile("readyToCollect", numbers.applications[.ready] ?? 0, "/applications?state=ready", language),
                tile("ownBlanks", numbers.ownBlanks, "/stock", language, of: numbers.blanks),
                tile("unsent", numbers.unsent, nil, language),
            ] as [View]
        if room.keys != nil, let tiles = view["tiles"] as? [View] {
            view["tiles"] =
                tiles + [
                    tile("issues", openIssues, "/issues", language),
                    tile("feesOwed", owedFees, "/issues#fees-title", language),
                ]
        }
        if let oldest = numbers.oldestUnsent { view["oldestUnsent"] = Moment.text(oldest) }
        view["now"] = Moment.text(now)
        view["clockError"] = desk.clocks.wallError().map(String.init)
        view["isClockBack"] = now < numbers.latestTime
        view["latestTime"] = Moment.text(numbers.latestTime)
        view["cards"] =
            numbers.cards.sorted { $0.key < $1.key }.map { status, count in
                let states = ShownState.allCases.filter { $0.applicationStatus == status }
                // One national code may stand for two of our states: the first is what it is called, the others are in it.
                let others = states.dropFirst().map(language.word).joined(separator: language == .chinese ? "、" : ", ")
                let among = pages.words.text("among", language)
                let name = states.first.map(language.word) ?? String(status)
                return [
                    "state": others.isEmpty ? name : "\(name) (\(among)\(others))", "count": String(count),
                ]
            } as [View]
        view["hasCards"] = !numbers.cards.isEmpty
        view["readers"] = readerViews(language)
        view["readerTrouble"] = readerTrouble(language)
        return view
    }

    /// The first page of somebody who handles no act: what they may do, and what stands in the way of work.
    private func administratorsHome(_ visitor: Visitor) async throws -> Response {
        let language = visitor.language
        let numbers = try await desk.registry { try $0.deskNumbers(of: 0) }
        let ways = [
            ("operations", "/operations"), ("reports", "/reports"), ("readers", "/readers"), ("password", "/password"),
        ]
        var view: View = [
            "ways": ways.map { word, path in
                [
                    "name": pages.words.text(word == "password" ? "changePassword" : word, language), "path": path,
                    "about": pages.words.text("about-home-\(word)", language),
                ] as View
            },
            "troubles": PageRenderer.views(of: try await troubles(numbers), language),
            "readers": readerViews(language), "night": nightView(language),
        ]
        view["readerTrouble"] = readerTrouble(language)
        return show("home-administrator", visitor, title: pages.words.text("home", language), view)
    }

    private func tile(
        _ name: String, _ count: Int, _ path: String?, _ language: MessageLanguage, of all: Int? = nil
    ) -> View {
        var view: View = [
            "name": pages.words.text(name, language), "count": String(count), "identifier": name, "isZero": count == 0,
        ]
        if let path { view["path"] = path }
        if path == "/queue" { view["isQueue"] = true }
        if let all { view["all"] = String(all) }
        return view
    }

    /// The purposes that a search may have.
    func searchView(_ visitor: Visitor, query: String = "", purpose: String = "inquiry") -> View {
        let language = visitor.language
        var view: View = [
            "query": query,
            "purposes": LookUpPurpose.offered.map { value in
                [
                    "value": "\(value)", "name": pages.words.text("purpose-\(value)", language),
                    "isChosen": "\(value)" == purpose,
                ] as View
            },
        ]
        view["lookUpSecond"] = lookUpSecond(visitor)
        return view
    }
}
