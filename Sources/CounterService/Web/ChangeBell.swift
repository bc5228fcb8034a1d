import Hummingbird

/// Rings for what a request may have recorded, once it has been answered: whoever is told of it, and how, is nothing that its answer waits for.
struct ChangeBell<Context: RequestContext>: RouterMiddleware {
    let changes: ChangeBoard

    func handle(
        _ request: Request, context: Context, next: (Request, Context) async throws -> Response
    ) async throws -> Response {
        defer { if request.method != .get { changes.ring() } }
        return try await next(request, context)
    }
}
