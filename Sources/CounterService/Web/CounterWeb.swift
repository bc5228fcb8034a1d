import ByteText
import CardCryptography
import CardData
import Foundation
import HTTPTypes
import Hummingbird
import Lifecycle
import Logging
import Registry

/// The routes: who may call what, and what is answered.
struct CounterWeb: Sendable {
    let desk: CounterDesk
    let sessions: SessionTable
    let pages: PageRenderer
    let board: ReaderBoard
    let box: CardBox?
    let room: CardRoom
    let configuration: CounterConfiguration
    let logger: Logger
    /// Whether the data folder's disk keeps what is written.
    let diskWatch: DiskWatch
    /// What the login was answered with, for whoever has no session.
    let strangersAnswers = StrangersAnswers()
    /// Room for what is being sent.
    let bodies = BodyRoom()

    /// Every route behind the gate.
    func router() throws -> Router<CounterContext> {
        let router = Router(context: CounterContext.self)
        router.middlewares.add(
            Gate(
                hosts: Set(["127.0.0.1", "localhost", configuration.host] + configuration.publicNames),
                pages: pages,
                isTraining: configuration.isTraining, isReachedByTLS: configuration.isReachedByTLS,
                metrics: desk.metrics, clock: desk.clocks.steady, logger: logger))
        router.middlewares.add(ChangeBell(changes: desk.changes))
        router.middlewares.add(AnswerShelf(web: self))
        try addFiles(to: router)
        addLogin(to: router)
        addHome(to: router)
        addPeople(to: router)
        addPhoto(to: router)
        addCollectionPaper(to: router)
        addCards(to: router)
        addEvents(to: router)
        addApplications(to: router)
        addBatches(to: router)
        addApprovals(to: router)
        addApplicants(to: router)
        addStock(to: router)
        addFoundCards(to: router)
        addChips(to: router)
        addStockChips(to: router)
        addLeases(to: router)
        addIntake(to: router)
        addQueue(to: router)
        addPIN(to: router)
        addDataChange(to: router)
        addIssues(to: router)
        addReaders(to: router)
        addLive(to: router)
        addReports(to: router)
        addOperations(to: router)
        addOperatorCards(to: router)
        addPassword(to: router)
        if let box { addCardBox(box, to: router) }
        addProgramInterface(to: router)
        return router
    }

    // MARK: - Pages

    /// A page for somebody who is logged in; others are sent to log in first.
    func page(
        _ router: Router<CounterContext>, _ path: RouterPath,
        _ body: @escaping @Sendable (Visitor) async throws -> Response
    ) {
        router.get(path) { request, context in
            guard let visitor = try visitor(request, context) else {
                return goOn(to: OwnPath.login(backTo: request.uri.description))
            }
            if mustChangePassword(visitor.person), request.uri.path != Self.passwordPath {
                return goOn(to: Self.passwordPath)
            }
            let knowing = await visitor.knowing(head: newestPlace(for: visitor))
            return try await answering(knowing) { try await body(withUnsent(knowing)) }
        }
    }

    /// A form of somebody who is logged in: it carries the session's token, and comes from a page of ours.
    ///
    /// A page that answers it is shown at an address of its own.
    ///
    /// - Parameter isPrint: whether the page is a paper, which is not looked at twice: printing it again is another form.
    func form(
        _ router: Router<CounterContext>, _ path: RouterPath, upTo limit: Int = Visitor.bodyLimit,
        isPrint: Bool = false,
        _ body: @escaping @Sendable (Visitor) async throws -> Response
    ) {
        router.post(path) { request, context in
            try checkOrigin(request)
            // Nobody's form is taken in before it is known who sends it.
            guard let sender = try visitor(request, context) else {
                let kept = await keepUnsent(request, context)
                let origin = OwnPath.origin(of: request)
                let page = kept.map { origin.split(separator: "?").first == $0[...] ? origin : $0 } ?? origin
                return goOn(to: OwnPath.login(backTo: page, hasEnded: true, isKept: kept != nil))
            }
            let fields = try await fields(request, context, upTo: limit).filled(at: place(of: context))
            let visitor = await sender.with(fields, sender.session).knowing(head: newestPlace(for: sender))
            let answer = try await answering(visitor) {
                try checkToken(fields["form-token"], visitor.session)
                if mustChangePassword(visitor.person), ![Self.passwordPath, "/logout"].contains(request.uri.path) {
                    throw Faults("operator.password-given")
                }
                sessions.forgetUnsent(
                    at: Self.place(ofForm: visitor.route, at: request.uri.path), in: visitor.session.identifier)
                return try await body(visitor)
            }
            if isPrint, answer.status == .ok { return answer }
            return try turned(answer, at: request.uri.path, of: visitor.session)
        }
    }

    /// Where the log stands before a page is made of it; nil for who is told nothing.
    ///
    /// What comes behind that is told to whoever looks at the page.
    private func newestPlace(for visitor: Visitor) async -> UInt64? {
        visitor.isOffice ? try? await desk.registry { try $0.newestPlace() } : nil
    }

    /// Reads a form's fields; throws for another media type, for more than the limit, and where there is no room for it now.
    func fields(
        _ request: Request, _ context: CounterContext, upTo limit: Int = Visitor.bodyLimit
    ) async throws -> Fields {
        try await bodies.holding(request, upTo: limit, from: place(of: context)) {
            try await fields(of: request, upTo: limit)
        }
    }

    private func fields(of request: Request, upTo limit: Int) async throws -> Fields {
        let type = request.headers[.contentType] ?? ""
        // A form with a file in it comes in parts.
        if type.lowercased().hasPrefix("multipart/form-data") {
            let body = try await request.body.collect(upTo: limit)
            return try Fields.multipart(Array(body.readableBytesView), type)
        }
        guard type.lowercased().hasPrefix("application/x-www-form-urlencoded") else {
            throw Faults("counter.media-type", ["expected": "application/x-www-form-urlencoded"])
        }
        return try Fields.form(try await request.body.collect(upTo: limit))
    }

    /// Browsers say where a form comes from; a page of another site is turned away before anything is read.
    func checkOrigin(_ request: Request) throws(Faults) {
        guard let name = HTTPField.Name("Origin"), let origin = request.headers[name] else { return }
        let own = request.head.authority ?? ""
        let schemes = configuration.isReachedByTLS ? ["https"] : ["http", "https"]
        guard schemes.contains(where: { "\($0)://\(own)" == origin.lowercased() }) else {
            desk.metrics.count(.formRefused)
            throw Faults("counter.foreign-page")
        }
    }

    /// The token that only this session's pages know.
    func checkToken(_ token: String, _ session: Session) throws(Faults) {
        guard constantTimeEqual(Array(token.utf8), Array(session.formToken.utf8)) else {
            desk.metrics.count(.formRefused)
            throw Faults("counter.form-token")
        }
    }

    /// Who sent a request; nil without a session, after its time-out, or when the operator went off duty, or has a new
    /// password, card or role.
    func visitor(_ request: Request, _ context: CounterContext) throws -> Visitor? {
        guard let cookie = request.cookies[configuration.sessionCookie]?.value,
            let session = Self.looksAgainByItself(request) ? sessions.look(cookie) : sessions.touch(cookie)
        else { return nil }
        guard let person = try desk.operators.operation(session.operatorNumber), !person.roles.isEmpty,
            person.sessionMark == session.sessionMark
        else {
            sessions.close(cookie)
            return nil
        }
        return Visitor(
            request: request, route: context.endpointPath ?? "none", parameters: context.parameters, session: session,
            person: person, fields: Fields(values: [:]).filled(at: place(of: context)),
            language: Visitor.language(of: request))
    }

    /// What a page adds to its address when it looks again by itself.
    static let againMark = "again=1"

    /// Whether it is a page that asks, and nobody who sits before it: a session that nobody uses ends, whatever its pages look at.
    private static func looksAgainByItself(_ request: Request) -> Bool {
        request.method == .get && request.uri.queryParameters["again"] == "1"
    }

    /// Where a request comes from.
    func place(of context: CounterContext) -> LoginPlace {
        LoginPlace(peer: context.address, isRelayed: configuration.isBehindTLS)
    }

    /// What went wrong stands on a page of its own, inside the frame that the visitor knows.
    func answering(_ visitor: Visitor, _ body: () async throws -> Response) async throws -> Response {
        do {
            return try await body()
        } catch {
            let faults = FaultStatus.faults(of: error)
            tell(error, faults, of: visitor)
            var view: View = [:]
            view["returnPath"] = Self.pageBehind(visitor)
            return show(
                "error", visitor, title: pages.words.text("notDone", visitor.language), faults: faults, view)
        }
    }

    /// A page inside the frame: name of the operator, navigation, what is wrong.
    func show(
        _ template: String, _ visitor: Visitor, title: String, faults: [Fault] = [], _ view: View
    ) -> Response {
        var whole = view
        whole["title"] = title
        whole["operatorName"] = visitor.person.name
        whole["operatorNumber"] = String(visitor.person.number)
        whole["operatorRoles"] = OperatorRole.allCases.filter(visitor.person.roles.contains)
            .map(visitor.language.word).joined(separator: visitor.language == .chinese ? "、" : ", ")
        whole["seesReports"] = visitor.seesReports
        whole["isOffice"] = visitor.isOffice
        whole["isAdministrator"] = visitor.person.roles.contains(.administrator)
        // An error's page has no form.
        let unsent = template == "error" ? nil : Self.unsent(of: visitor)
        whole["hasComeBack"] = unsent != nil
        whole["printedAt"] = Moment.text(desk.clocks.wall())
        whole["formToken"] = visitor.session.formToken
        whole["toldFrom"] = visitor.head.map(String.init)
        whole["key"] = unsent?.key ?? (try? SecureRandom.bytes(16).hexadecimal) ?? ""
        whole["back"] = Self.place(of: visitor)
        whole["section"] = ["isAt\(Self.section(of: visitor.request.uri.path))": true]
        if !faults.isEmpty { noteRefusal(faults, of: visitor) }
        var response = pages.page(
            template, whole, visitor.language, status: faults.isEmpty ? .ok : FaultStatus.status(of: faults),
            faults: faults)
        FaultStatus.tellWhen(faults, &response)
        return response
    }

    /// Where a change of the language leads back to: the page itself, for a form the page that it stands on.
    private static func place(of visitor: Visitor) -> String {
        let path = visitor.request.uri.path
        guard visitor.request.method == .post else {
            return visitor.request.uri.query.map { "\(path)%3F\(Self.escaped($0))" } ?? path
        }
        return place(ofForm: visitor.route, at: path)
    }

    /// What a query may not hold when it stands in another address.
    private static func escaped(_ query: String) -> String {
        query.replacing("%", with: "%25").replacing("&", with: "%26").replacing("+", with: "%2B").replacing(
            "#", with: "%23")
    }

    /// The address of the page that a form stands on; most are sent to their own.
    static func place(ofForm route: String, at path: String) -> String {
        let parts = path.split(separator: "/").map(String.init)
        return switch route {
        case "/search", "/chip", "/logout": "/"
        case "/people/:person/issue", "/cards/:card/holder", "/cards/:card/chip", "/events/:sequence/slip",
            "/issues/:issue/abandon", "/stock/:move/chips", "/approvals/applications/:application/:step",
            "/approvals/applications/:application/applicant", "/approvals/:waiting/applicant",
            "/applications/:application/applicant":
            "/" + parts.dropLast().joined(separator: "/")
        case "/issues/:issue/put-aside": "/issues"
        case "/queue/:step": "/queue"
        case "/card-box/insert", "/card-box/new", "/card-box/remove": "/card-box"
        case "/operations/cards", "/operations/cards/remove": "/operations"
        default: path
        }
    }

    /// The card, the person, the issue or the list that a refused request was about; nil where the request was for that page itself.
    private static func pageBehind(_ visitor: Visitor) -> String? {
        let parts = visitor.request.uri.path.split(separator: "/").map(String.init)
        guard let first = parts.first else { return nil }
        let named = ["cards", "people", "issues", "applications", "events"].contains(first) && parts.count > 1
        let path = "/" + parts.prefix(named && parts[1] != "new" ? 2 : 1).joined(separator: "/")
        let isItself = path == visitor.request.uri.path && visitor.request.method != .post
        guard !isItself, section(of: path) != "Home", !["/people", "/cards", "/events"].contains(path) else {
            return nil
        }
        return OwnPath.checked(path)
    }

    private static func section(of path: String) -> String {
        switch path.split(separator: "/").first {
        case "applications", "approvals": "Applications"
        case "stock", "intake", "leases": "Stock"
        case "readers": "Readers"
        case "people": path == "/people/new" ? "People" : "Cards"
        case "operations": "Operations"
        case "reports": "Reports"
        case "queue": "Queue"
        case "card-box": "Box"
        case nil: "Home"
        default: "Cards"
        }
    }

    /// Sends the browser on, so that a reload does not send the form again.
    func goOn(to path: String) -> Response { Response(status: .seeOther, headers: [.location: path]) }

    /// Does what a form asks for, once, and shows it; what is refused stands above the form, which keeps what was filled in.
    func once(
        _ visitor: Visitor, _ work: @escaping @Sendable () async throws -> EventIdentifier
    ) async throws -> EventIdentifier {
        try await desk.ledger.once(visitor.key(), saying: visitor.fields, work)
    }
}
