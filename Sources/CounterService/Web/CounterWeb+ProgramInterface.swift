import ByteText
import CardData
import Foundation
import HTTPTypes
import Hummingbird
import Issuing
import Lifecycle
import Registry

/// The same acts for programs: JSON, described by `/api/openapi.json`, faults as problem details (RFC 9457).
extension CounterWeb {
    func addProgramInterface(to router: Router<CounterContext>) {
        router.get("/api/openapi.json") { _, _ in
            var response = Response(
                status: .ok, body: ResponseBody(byteBuffer: ByteBuffer(string: try PageFiles.text("openapi.json"))))
            response.headers[.contentType] = "application/json"
            return response
        }
        router.post("/api/session") { request, context in
            try checkOrigin(request)
            let fields = try await programFields(request, context)
            let session = try await logIn(fields, at: place(of: context))
            var response = JSONAnswer.response(["formToken": session.formToken], status: .created)
            response.setCookie(cookie(session.identifier))
            return response
        }
        reading(router, "/api/home") { visitor in
            let officer = visitor.person.number
            let own = try await ownWaiting(of: visitor.person)
            let numbers = try await desk.registry { try $0.deskNumbers(of: officer) }
            let toApprove = try await toApprove(numbers, by: visitor.person)
            return JSONAnswer.response(HomeReport(numbers, toApprove: toApprove, ownActs: own.toDo))
        }
        reading(router, "/api/readers") { visitor in
            JSONAnswer.response(report(board.picture, visitor.language))
        }
        reading(router, "/api/cards/:card") { visitor in
            let (card, events) = try await card(visitor)
            let open = try await room.openIssues
            let answers = CardActForm.allCases.compactMap {
                CardActAnswer($0, on: card, events, by: visitor.person, under: desk.policy, besides: open)
            }
            return JSONAnswer.response(
                CardReport(
                    card, events, acts: answers.filter(\.isPossible).map(\.form.rawValue), isExpired: isExpired(card)))
        }
        acting(router, "/api/cards/:card/acts/:act") { visitor in
            let (form, card, events) = try await act(visitor)
            return try await answer(once(visitor) { try await perform(form, on: card, events, visitor) })
        }
        acting(router, "/api/cards/:card/data-change") { visitor in
            let (card, _) = try await card(visitor)
            return try await answer(once(visitor) { try await writeData(on: card, visitor) })
        }
        acting(router, "/api/people/look-up") { visitor in
            guard let purpose = LookUpPurpose.offered.first(where: { "\($0)" == visitor.fields["purpose"] }) else {
                let known = LookUpPurpose.offered.map { "\($0)" }.joined(separator: " ")
                throw Faults("counter.choice", ["field": "purpose", "known": known])
            }
            let number = try SocialSecurityNumber(visitor.fields.number("number"))
            let reference = try await lookUp(number, for: purpose, by: visitor)
            let cards = try await desk.registry { try $0.cards(of: reference) }
            return JSONAnswer.response(
                PersonReport(
                    person: reference.bytes.hexadecimal, number: number.masked,
                    cards: cards.map { CardReport($0, [], acts: [], isExpired: isExpired($0)) }))
        }
        acting(router, "/api/people/:person/applications") { visitor in
            let (reference, _) = try seenPerson(visitor)
            return try await answer(handIn(for: reference, visitor))
        }
        reading(router, "/api/applications") { visitor in
            try visitor.demandOffice()
            let state = visitor.request.uri.queryParameters["state"].map(String.init) ?? "submitted"
            guard let wanted = ApplicationState(rawValue: state) else {
                let known = ApplicationState.allCases.map(\.rawValue).joined(separator: " ")
                throw Faults("counter.choice", ["field": "state", "known": known])
            }
            return try await applicationsAnswer(in: wanted, visitor)
        }
        acting(router, "/api/applications/:application/steps/:step") { visitor in
            let (form, application) = try await step(visitor)
            return try await answer(once(visitor) { try await take(form, application, visitor) })
        }
        reading(router, "/api/queue") { visitor in
            JSONAnswer.response(QueueReport(try await today(), pages.words, visitor.language))
        }
        acting(router, "/api/queue/:step") { visitor in
            JSONAnswer.response(["ticket": try await performStep(visitor)], status: .created)
        }
        reading(router, "/api/reports") { visitor in JSONAnswer.response(try await report(visitor)) }
        reading(router, "/api/stock") { visitor in
            try visitor.demandOffice()
            return JSONAnswer.response(
                try await desk.registry { try $0.stockCounts() }.map {
                    StockReport(owner: $0.owner, kind: $0.kind.name, count: $0.count)
                })
        }
        reading(router, "/api/leases") { visitor in
            try visitor.demandOffice()
            return JSONAnswer.response(try await desk.registry { try TierDesk(registry: $0).leases() })
        }
        acting(router, "/api/leases") { visitor in
            try await answer(
                once(visitor) {
                    try await desk.record(
                        .leaseGranted(try lease(visitor.fields)), on: nil, by: visitor.person, visitor.fields)
                })
        }
        acting(router, "/api/leases/:lease/return") { visitor in
            let lease = try leaseName(visitor)
            return try await answer(
                once(visitor) {
                    try await desk.record(.leaseReturned(lease), on: nil, by: visitor.person, visitor.fields)
                })
        }
        addProgramActs(to: router)
        addProgramIntake(to: router)
        acting(router, "/api/stock/:move", upTo: Self.countLimit) { visitor in
            let form = try stockForm(visitor)
            return try await answer(once(visitor) { try await perform(form, visitor) })
        }
    }

    /// A GET of a program that is logged in.
    func reading(
        _ router: Router<CounterContext>, _ path: RouterPath,
        _ body: @escaping @Sendable (Visitor) async throws -> Response
    ) {
        router.get(path) { request, context in
            guard let visitor = try visitor(request, context) else {
                throw Faults("counter.session")
            }
            guard !mustChangePassword(visitor.person) else { throw Faults("operator.password-given") }
            return try await body(visitor)
        }
    }

    /// A POST of a program that is logged in, with the session's token in `X-Form-Token`.
    func acting(
        _ router: Router<CounterContext>, _ path: RouterPath, upTo limit: Int = Visitor.bodyLimit,
        _ body: @escaping @Sendable (Visitor) async throws -> Response
    ) {
        router.post(path) { request, context in
            let visitor = try await program(request, context, upTo: limit)
            guard !mustChangePassword(visitor.person) else { throw Faults("operator.password-given") }
            return try await answeringProgram(visitor) { try await body(visitor) }
        }
    }

    /// What goes wrong stands in the log, and is counted, before the program is told.
    func answeringProgram(_ visitor: Visitor, _ body: () async throws -> Response) async throws -> Response {
        do {
            return try await body()
        } catch {
            let faults = FaultStatus.faults(of: error)
            tell(error, faults, of: visitor)
            noteRefusal(faults, of: visitor)
            throw error
        }
    }

    /// Who sent a program's POST, with its fields.
    func program(
        _ request: Request, _ context: CounterContext, upTo limit: Int = Visitor.bodyLimit
    ) async throws -> Visitor {
        try checkOrigin(request)
        guard let sender = try visitor(request, context) else { throw Faults("counter.session") }
        try checkToken(HTTPField.Name("X-Form-Token").flatMap { request.headers[$0] } ?? "", sender.session)
        let fields = try await programFields(request, context, upTo: limit).filled(at: place(of: context))
        return sender.with(fields, sender.session)
    }

    private func programFields(
        _ request: Request, _ context: CounterContext, upTo limit: Int = Visitor.bodyLimit
    ) async throws -> Fields {
        guard request.headers[.contentType]?.lowercased().hasPrefix("application/json") == true else {
            throw Faults("counter.media-type", ["expected": "application/json"])
        }
        return try await bodies.holding(request, upTo: limit, from: place(of: context)) {
            try Fields.json(try await request.body.collect(upTo: limit))
        }
    }

    /// The event that an act became.
    func answer(_ event: EventIdentifier) async throws -> Response {
        guard let logged = try await desk.registry({ try $0.event(at: event.sequence) }) else {
            throw Faults("counter.not-found")
        }
        return JSONAnswer.response(EventReport(logged), status: .created)
    }
}
