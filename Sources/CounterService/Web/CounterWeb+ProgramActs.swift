import ByteText
import CardData
import HTTPTypes
import Hummingbird
import Issuing
import Lifecycle
import Registry

/// What pages have screens of their own for, as calls of programs: registration, search by name, the holder's PIN, issue and replacement
/// step by step, slips. Judgement, roles, look-ups and keys are the pages'.
extension CounterWeb {
    func addProgramActs(to router: Router<CounterContext>) {
        acting(router, "/api/people") { visitor in
            let reference = try await desk.registrations.once(visitor.key(), saying: visitor.fields) {
                try await register(visitor.fields, by: visitor)
            }
            let number = try SocialSecurityNumber(visitor.fields.number("citizenNumber"))
            let report = PersonReport(person: reference.bytes.hexadecimal, number: number.masked, cards: [])
            return JSONAnswer.response(report, status: .created)
        }
        acting(router, "/api/people/search") { visitor in
            JSONAnswer.response(NamesReport(try await lookUp(nameBeginning: visitor.fields["name"], visitor)))
        }
        acting(router, "/api/cards/:card/pin/:service") { visitor in
            let (form, card) = try await pinForm(visitor)
            return try await answer(once(visitor) { try await serve(form, on: card, visitor) })
        }
        acting(router, "/api/events/:sequence/slip") { visitor in
            let logged = try await event(visitor)
            let print = try await printed(logged, visitor)
            return JSONAnswer.response(SlipReport(logged, print, isTraining: configuration.isTraining))
        }
        addProgramIssues(to: router)
    }

    private func addProgramIssues(to router: Router<CounterContext>) {
        acting(router, "/api/people/:person/issues") { visitor in
            let (reference, _) = try seenPerson(visitor)
            try checkMaker(visitor)
            return try await report(ofIssue: begin(visitor, for: reference), .created)
        }
        acting(router, "/api/cards/:card/replacement") { visitor in
            let (card, _) = try await card(visitor)
            let begun = try await beginReplacement(of: card, visitor)
            return try await report(ofIssue: begun.issue, of: begun.person, .created)
        }
        reading(router, "/api/issues") { visitor in
            try visitor.demandOffice()
            let room = room
            let listing = try await room.blocking { try room.shelf.unfinished() }
            return JSONAnswer.response(
                IssuesReport(
                    issues: listing.issues.map { IssueReport($0, run: room.runs[$0.identifier], seen: nil) },
                    damaged: listing.damaged.map(\.identifier)))
        }
        reading(router, "/api/issues/:issue") { visitor in
            try visitor.demandOffice()
            return try await report(ofIssue: visitor.parameter("issue"))
        }
        acting(router, "/api/issues/:issue/steps/:step") { visitor in
            var values = visitor.fields.values
            values["step"] = visitor.parameter("step")
            let stepping = visitor.with(visitor.fields.saying(values), visitor.session)
            try await onceForIssue(stepping) { try await take(stepping) }
            return try await report(ofIssue: visitor.parameter("issue"))
        }
        acting(router, "/api/issues/:issue/abandon") { visitor in
            try await onceForIssue(visitor) { try await abandon(visitor) }
            return try await report(ofIssue: visitor.parameter("issue"))
        }
    }

    /// How far an issue is, and what the program has to send back as seen with the next step.
    ///
    /// - Parameter holder: whose card is replaced, before the issue itself has found them.
    private func report(
        ofIssue issue: String, of holder: PersonReference? = nil, _ status: HTTPResponse.Status = .ok
    ) async throws -> Response {
        let room = room
        // Before the issue's file: what a run that is over has done stands there.
        let run = room.runs[issue]
        let progress = try await room.blocking { try room.shelf.progress(issue) }
        var seen: UInt64?
        if let next = progress.next { seen = try await subject(of: next, progress)?.lastSequence }
        return JSONAnswer.response(
            IssueReport(progress, run: run, seen: seen, holder: holder), status: status)
    }
}
