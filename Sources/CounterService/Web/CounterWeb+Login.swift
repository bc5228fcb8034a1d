import CardData
import Hummingbird
import Logging

/// Logging in and out, and the language.
extension CounterWeb {
    func addLogin(to router: Router<CounterContext>) {
        router.get("/login") { request, _ in loginPage(request) }
        router.post("/login") { request, context in
            try checkOrigin(request)
            let fields = try await fields(request, context)
            do {
                let session = try await logIn(fields, at: place(of: context))
                if let old = request.cookies[configuration.sessionCookie]?.value {
                    sessions.close(old)
                    sessions.bringBack(from: old, to: session)
                }
                return entering(session, OwnPath.wanted(fields["to"]) ?? "/")
            } catch let error as any FaultReporting {
                return try turned(loginPage(request, fields, faults: error.faults), ofStrangerAt: "/login")
            }
        }
        form(router, "/logout") { visitor in
            sessions.close(visitor.session.identifier)
            let (queue, window) = (desk.queue, visitor.person.number)
            // Who leaves is let go whether the queue's file can be written or not; another window takes over then.
            try? await desk.threads.run { try queue.leave(window) }
            logger.info("logout", metadata: ["operator": "\(visitor.person.number)"])
            var response = goOn(to: "/login")
            response.setCookie(cookie("", maxAge: 0))
            return response
        }
        router.get("/language/:language") { request, context in
            let language = context.parameters.get("language").flatMap(MessageLanguage.init(rawValue:)) ?? .chinese
            let back = request.uri.queryParameters["back"].map(String.init) ?? "/"
            var response = goOn(to: OwnPath.checked(back) ?? "/")
            response.setCookie(
                Cookie(
                    name: "language", value: language.rawValue, maxAge: 31_536_000, path: "/",
                    secure: configuration.isReachedByTLS, httpOnly: true, sameSite: .strict))
            return response
        }
    }

    /// A session for whoever knows number and password, and has the card that belongs to the number where one does.
    func logIn(_ fields: Fields, at place: LoginPlace) async throws -> Session {
        guard let number = UInt64(fields.number("number")), number > 0 else { throw Faults("counter.login-wrong") }
        let person = try await desk.admit(number, fields.secret("password"), at: place, for: "login")
        try await demandCard(of: person, in: fields["reader"])
        desk.metrics.count(.login)
        logger.info("login", metadata: ["operator": "\(person.number)"])
        return try sessions.open(for: person)
    }

    func entering(_ session: Session, _ path: String) -> Response {
        var response = goOn(to: path)
        response.setCookie(cookie(session.identifier))
        return response
    }

    func cookie(_ value: String, maxAge: Int? = nil) -> Cookie {
        Cookie(
            name: configuration.sessionCookie, value: value, maxAge: maxAge, path: "/",
            secure: configuration.isReachedByTLS,
            httpOnly: true, sameSite: .strict)
    }

    private func loginPage(
        _ request: Request, _ fields: Fields = Fields(values: [:]), faults: [Fault] = []
    ) -> Response {
        let language = Visitor.language(of: request)
        var view: View = [
            "title": pages.words.text("login", language), "number": fields["number"], "isLoggedOut": true,
            "back": "/login",
        ]
        view["card"] = loginCardView(fields["reader"], language)
        let wanted = fields["to"].isEmpty ? request.uri.queryParameters["to"].map(String.init) : fields["to"]
        view["to"] = wanted.flatMap(OwnPath.wanted)
        view["isEnded"] = request.uri.queryParameters["ended"] != nil
        view["isKept"] = request.uri.queryParameters["kept"] != nil
        if configuration.isTraining { view.merge(trainingView(language)) { old, _ in old } }
        var response = pages.page(
            "login", view, language, status: faults.isEmpty ? .ok : FaultStatus.status(of: faults), faults: faults)
        FaultStatus.tellWhen(faults, &response)
        return response
    }
}
