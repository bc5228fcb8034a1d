import CardData
import Foundation
import Hummingbird
import ServiceLifecycle

/// What happens at the readers and in the queue, told to an open page as it happens, over one stream.
///
/// A browser keeps few connections to one service: pages that held a stream for each thing they show would leave none for the next click.
extension CounterWeb {
    /// After how long a page that has nothing to be told is written to, so that one that is gone is noticed.
    static let beat = Duration.seconds(20)

    func addLive(to router: Router<CounterContext>) {
        page(router, "/live") { visitor in try await live(visitor) }
    }

    /// Server-sent events `readers` and `queue`: the whole picture each time, so that a browser that missed one has lost nothing.
    ///
    /// A session that has ended is told nothing more: it is looked at before each message and at each beat.
    private func live(_ visitor: Visitor) async throws -> Response {
        let (language, session) = (visitor.language, visitor.session.identifier)
        let (person, mark) = (visitor.person, visitor.session.sessionMark)
        let queue = desk.queue
        let days = try await desk.threads.run { try queue.days(for: .window) }
        let pictures = board.pictures()
        return Self.eventStream { writer in
            let news = LiveNews()
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask {
                    for await picture in pictures.cancelOnGracefulShutdown() { news.note(picture) }
                    news.end()
                }
                group.addTask {
                    for await day in days.cancelOnGracefulShutdown() { news.note(day) }
                    news.end()
                }
                group.addTask { while (try? await Task.sleep(for: Self.beat)) != nil { news.ring() } }
                for await _ in news.bell {
                    // Who went off duty, or has other roles, hears no more.
                    guard sessions.isOpen(session), let person = try? desk.operators.operation(person.number),
                        person.sessionMark == mark
                    else { break }
                    let (picture, day) = news.take()
                    // A comment keeps the stream alive where there is nothing to tell.
                    var text = picture == nil && day == nil ? ":\n\n" : ""
                    if let picture { text += Self.event("readers", report(picture, language)) }
                    if let day { text += Self.event("queue", QueueReport(day, pages.words, language)) }
                    try await writer.write(ByteBuffer(string: text))
                }
                group.cancelAll()
            }
        }
    }

    /// An answer that goes on until what writes it ends.
    static func eventStream(
        _ body: @escaping @Sendable (inout any ResponseBodyWriter) async throws -> Void
    ) -> Response {
        var response = Response(
            status: .ok,
            body: ResponseBody { writer in
                try await body(&writer)
                try await writer.finish(nil)
            })
        response.headers[.contentType] = "text/event-stream"
        return response
    }

    /// One event of a stream, its data as JSON.
    static func event(_ name: String, _ value: some Encodable) -> String {
        let data = (try? JSONEncoder().encode(value)) ?? Data()
        return "event: \(name)\ndata: \(String(decoding: data, as: UTF8.self))\n\n"
    }
}
