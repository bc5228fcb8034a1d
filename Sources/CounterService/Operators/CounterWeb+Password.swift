import CardCryptography
import CardData
import Hummingbird
import Logging

/// 修改密码: every operator sets the password that only they know.
///
/// A password that an administrator gave opens this page alone, and signs nothing: who knows another's password could sign for them.
extension CounterWeb {
    static let passwordPath = "/password"

    func addPassword(to router: Router<CounterContext>) {
        page(router, "/password") { visitor in passwordPage(visitor) }
        form(router, "/password") { visitor in
            do {
                return entering(try await changePassword(visitor), Self.passwordPath + "?changed=1")
            } catch let error as any FaultReporting {
                return passwordPage(visitor, error.faults)
            }
        }
        router.post("/api/password") { request, context in
            let visitor = try await program(request, context)
            let session = try await changePassword(visitor)
            var response = JSONAnswer.response(["formToken": session.formToken])
            response.setCookie(cookie(session.identifier))
            return response
        }
    }

    /// Whether somebody else knows the operator's password, and the site does not let that be.
    func mustChangePassword(_ person: Operator) -> Bool {
        configuration.demandsOwnPasswords && !configuration.isTraining && person.isPasswordGiven
    }

    /// Gives the visitor a new password; all their sessions end, and a new one begins.
    private func changePassword(_ visitor: Visitor) async throws -> Session {
        let number = visitor.person.number
        let (old, new) = (visitor.fields.secret("old-password"), visitor.fields.secret("new-password"))
        guard constantTimeEqual(Array(new.utf8), Array(visitor.fields.secret("new-password-again").utf8)) else {
            throw Faults("operator.entries-differ")
        }
        guard !constantTimeEqual(Array(new.utf8), Array(old.utf8)) else { throw Faults("operator.password-same") }
        _ = try await desk.admit(number, old, at: visitor.fields.place, for: "password")
        let operators = desk.operators
        let person = try await desk.passwordLine.run(from: visitor.fields.place) {
            try operators.setPassword(of: number, SecretBytes(copying: Array(new.utf8)), by: number)
            return try operators.operation(number)
        }
        guard let person else { throw Faults("operator.unknown", ["number": String(number)]) }
        logger.notice("password", metadata: ["operator": "\(number)"])
        sessions.close(visitor.session.identifier)
        return try sessions.open(for: person)
    }

    private func passwordPage(_ visitor: Visitor, _ faults: [Fault] = []) -> Response {
        show(
            "password", visitor, title: pages.words.text("changePassword", visitor.language), faults: faults,
            [
                "isGiven": mustChangePassword(visitor.person),
                "isChanged": faults.isEmpty && visitor.request.uri.queryParameters["changed"] != nil,
            ])
    }
}
