import CardData
import HTTPTypes
import Hummingbird
import Logging

/// What every request passes: it must call this service by its own name, its answer carries the headers that shut the pages off, and
/// one line of the log tells of it.
struct Gate: RouterMiddleware {
    let hosts: Set<String>
    let pages: PageRenderer
    let isTraining: Bool
    let isReachedByTLS: Bool
    let metrics: CounterMetrics
    let clock: @Sendable () -> UInt64
    let logger: Logger

    /// No script but our own file, no style but our own file, nothing from elsewhere, in nobody's frame.
    private static let policy = """
        default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'self'; \
        form-action 'self'; base-uri 'none'; frame-ancestors 'none'
        """

    func handle(
        _ request: Request, context: CounterContext, next: (Request, CounterContext) async throws -> Response
    ) async throws -> Response {
        let start = clock()
        var response: Response
        do {
            // Another site's name that points at this machine must not reach a session here (DNS rebinding).
            let host = request.head.authority.map(Self.name) ?? ""
            guard hosts.contains(host) else { throw Faults("counter.host", ["host": String(host.prefix(80))]) }
            response = try await next(request, context)
        } catch {
            let faults = FaultStatus.faults(of: error)
            response = answer(faults, to: request)
            FaultStatus.tellWhen(faults, &response)
        }
        shut(&response, request)
        let milliseconds = clock() - start
        let route = context.endpointPath ?? "none"
        metrics.count(
            request: request.method.rawValue, route, status: response.status.code, milliseconds: milliseconds)
        logger.info(
            "request",
            metadata: [
                "method": "\(request.method.rawValue)", "route": "\(route)", "status": "\(response.status.code)",
                "milliseconds": "\(milliseconds)",
            ])
        return response
    }

    /// The host without its port.
    private static func name(_ authority: String) -> String {
        let colon = authority.lastIndex(of: ":") ?? authority.endIndex
        return authority[..<colon].lowercased()
    }

    private func answer(_ faults: [Fault], to request: Request) -> Response {
        guard !request.uri.path.hasPrefix("/api/") else { return Problem(faults).response }
        let language = Visitor.language(of: request)
        let title = pages.words.text("notDone", language)
        return pages.page(
            "error",
            ["title": title, "isLoggedOut": true], language, status: FaultStatus.status(of: faults), faults: faults)
    }

    private func shut(_ response: inout Response, _ request: Request) {
        response.headers[.contentSecurityPolicy] = Self.policy
        response.headers[.xContentTypeOptions] = "nosniff"
        for (name, value) in [
            ("referrer-policy", "same-origin"), ("x-frame-options", "DENY"),
            ("cross-origin-opener-policy", "same-origin"), ("cross-origin-resource-policy", "same-origin"),
            ("permissions-policy", "camera=(), geolocation=(), microphone=()"),
        ] {
            if let name = HTTPField.Name(name) { response.headers[name] = value }
        }
        // Browsers that came over TLS once come over nothing else for a year (RFC 6797).
        if isReachedByTLS { response.headers[.strictTransportSecurity] = "max-age=31536000" }
        // Programs see as well that nothing here is real.
        if isTraining, let name = HTTPField.Name("SSCard-Training") { response.headers[name] = "true" }
        if response.headers[.cacheControl] == nil { response.headers[.cacheControl] = "no-store" }
    }
}
