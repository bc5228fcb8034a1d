import CardData
import HTTPTypes
import Hummingbird
import Synchronization

/// Answers to forms of nobody who is logged in, which is the login's alone.
final class StrangersAnswers: Sendable {
    private let answers = Mutex(KeptAnswers(most: 100))

    /// Keeps an answer; gives its name.
    func keep(_ response: Response, at path: String) throws -> String {
        try answers.withLock { answers in try answers.keep(response, at: path) }
    }

    /// The answer of that name; nil when there is none any more.
    func answer(_ name: String, at path: String) -> Response? { answers.withLock { $0.answer(name, at: path) } }
}

/// Shows what a form was answered with, at the address that the browser was sent on to: post, redirect, get.
struct AnswerShelf: RouterMiddleware {
    let web: CounterWeb

    /// The part of an address that names an answer.
    static let parameter = "answer"

    func handle(
        _ request: Request, context: CounterContext, next: (Request, CounterContext) async throws -> Response
    ) async throws -> Response {
        guard request.method == .get, let name = request.uri.queryParameters[Substring(Self.parameter)] else {
            return try await next(request, context)
        }
        let path = request.uri.path
        if let answer = web.strangersAnswers.answer(String(name), at: path) { return answer }
        let visitor = try web.visitor(request, context)
        if let answer = visitor?.session.answers.answer(String(name), at: path) { return answer }
        // Gone with its session, or for its age: the form itself, where its address has one.
        do {
            return try await next(request, context)
        } catch let error as any HTTPResponseError where error.status == .notFound {
            return web.goOn(to: "/")
        }
    }
}

extension CounterWeb {
    /// A page that answers a form is kept, and the browser sent on to it; what leads to another page already stays as it is.
    func turned(_ answer: Response, at path: String, of session: Session) throws -> Response {
        guard answer.status.kind != .redirection,
            let name = try sessions.keep(answer, at: path, in: session.identifier)
        else { return answer }
        return goOn(to: "\(path)?\(AnswerShelf.parameter)=\(name)")
    }

    /// The same for the login.
    func turned(_ answer: Response, ofStrangerAt path: String) throws -> Response {
        goOn(to: "\(path)?\(AnswerShelf.parameter)=\(try strangersAnswers.keep(answer, at: path))")
    }
}
