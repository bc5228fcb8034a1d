import CardData
import HTTPTypes
import Hummingbird
import Logging

/// A session that ends does not lose its form: what was typed comes back to the same officer at the same browser, and nothing is done until
/// they confirm it.
extension CounterWeb {
    /// Keeps what a form says that came after its session's end; gives the page that it stands on, nil where nothing is kept.
    ///
    /// Only a form that carries the ended session's token is, and one with a file in it is not read at all.
    func keepUnsent(_ request: Request, _ context: CounterContext) async -> String? {
        guard let cookie = request.cookies[configuration.sessionCookie]?.value, sessions.hasEnded(cookie),
            let route = context.endpointPath, UnsentForm.comesBack(route),
            request.headers[.contentType]?.lowercased().hasPrefix("application/x-www-form-urlencoded") == true,
            let fields = try? await fields(request, context)
        else { return nil }
        let page = Self.place(ofForm: route, at: request.uri.path)
        guard sessions.keep(fields.typed, key: fields["key"], at: page, token: fields["form-token"], of: cookie) else {
            return nil
        }
        logger.info("form kept until its officer logs in again", metadata: ["route": "\(route)"])
        return page
    }

    /// The visitor of a page, with what comes back to it.
    func withUnsent(_ visitor: Visitor) -> Visitor {
        let uri = visitor.request.uri
        // A page's own looks are no leaving of it.
        if visitor.session.unsent != nil, uri.path != Self.livePath, uri.queryParameters["again"] == nil {
            sessions.leaveUnsent(for: uri.path, in: visitor.session.identifier)
        }
        guard let form = Self.unsent(of: visitor) else { return visitor }
        return visitor.with(visitor.fields.saying(form.values), visitor.session)
    }

    /// What comes back to the page that is asked for.
    static func unsent(of visitor: Visitor) -> UnsentForm? {
        visitor.request.method == .get
            ? visitor.session.unsent.flatMap { $0.path == visitor.request.uri.path ? $0 : nil } : nil
    }
}
