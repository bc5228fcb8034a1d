import CardData
import Foundation
import HTTPTypes
import Hummingbird
import Lifecycle
import Registry
import ServiceLifecycle

/// What happens at the readers, in the queue and on record, told to an open page or a program as it happens, over one stream.
///
/// A browser keeps few connections to one service: pages that held a stream for each thing they show would leave none for the next click.
extension CounterWeb {
    /// After how long a page that has nothing to be told is written to, so that one that is gone is noticed.
    static let beat = Duration.seconds(20)

    /// Where a page's stream is.
    static let livePath = "/live"

    func addLive(to router: Router<CounterContext>) {
        page(router, RouterPath(Self.livePath)) { visitor in try await live(visitor) }
        reading(router, "/api/live") { visitor in try await live(visitor) }
    }

    /// Server-sent events: `readers` and `queue`, the whole picture each time, so that a browser that missed one has lost nothing; and for
    /// the offices `card` and `application`, each with the address and the newest event of what has changed on record.
    ///
    /// What has changed is told from the place in the log on that the page was made at (`after`), or that was told last (`Last-Event-ID`);
    /// where so much has changed since that it is not known any more, `look-again` says so. A session that has ended is told nothing more:
    /// it is looked at before each message and at each beat.
    private func live(_ visitor: Visitor) async throws -> Response {
        let (language, session) = (visitor.language, visitor.session.identifier)
        let (person, mark) = (visitor.person, visitor.session.sessionMark)
        let (queue, changes) = (desk.queue, desk.changes)
        let days = try await desk.threads.run { try queue.days(for: .window) }
        let rings = visitor.isOffice ? try changes.rings(for: session) : nil
        let place = Self.placeTold(to: visitor) ?? changes.news(after: nil).head
        let pictures = board.pictures()
        return Self.eventStream { writer in
            let news = LiveNews()
            var told = place
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask {
                    for await picture in pictures.cancelOnGracefulShutdown() { news.note(picture) }
                    news.end()
                }
                group.addTask {
                    for await day in days.cancelOnGracefulShutdown() { news.note(day) }
                    news.end()
                }
                if let rings {
                    group.addTask { for await _ in rings.cancelOnGracefulShutdown() { news.ring() } }
                }
                group.addTask {
                    while (try? await Task.sleep(for: Self.beat)) != nil {
                        // What nobody rang for is told by then as well.
                        changes.ring()
                        news.ring()
                    }
                }
                for await _ in news.bell {
                    // Who went off duty, or has other roles, hears no more.
                    guard sessions.isOpen(session), let person = try? desk.operators.operation(person.number),
                        person.sessionMark == mark
                    else { break }
                    let (picture, day) = news.take()
                    var text = ""
                    if let picture { text += Self.event("readers", report(picture, language)) }
                    if let day { text += Self.event("queue", QueueReport(day, pages.words, language)) }
                    if rings != nil {
                        let news = changes.news(after: told)
                        text += Self.events(news)
                        told = news.head
                    }
                    // A comment keeps the stream alive where there is nothing to tell.
                    try await writer.write(ByteBuffer(string: text.isEmpty ? ":\n\n" : text))
                }
                group.cancelAll()
            }
        }
    }

    /// The place in the log up to which whoever asks knows all: what it says itself, or was told before the line broke.
    private static func placeTold(to visitor: Visitor) -> UInt64? {
        let last = HTTPField.Name("Last-Event-ID").flatMap { visitor.request.headers[$0] }.flatMap { UInt64($0) }
        let after = visitor.request.uri.queryParameters["after"].flatMap { UInt64($0) }
        return [last, after].compactMap(\.self).max()
    }

    private static func events(_ news: ChangeBoard.News) -> String {
        if news.isIncomplete { return event("look-again", ChangeReport(event: news.head), named: news.head) }
        return news.changes.map { change in
            switch change.subject {
            case .card(let number):
                event("card", ChangeReport(card: "/cards/\(number.text)", event: change.event), named: change.event)
            case .application(let identifier):
                event(
                    "application",
                    ChangeReport(application: "/applications/\(identifier.word)", event: change.event),
                    named: change.event)
            }
        }.joined()
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
    ///
    /// - Parameter place: what a browser says it was told last, where it asks again.
    static func event(_ name: String, _ value: some Encodable, named place: UInt64? = nil) -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        let data = (try? encoder.encode(value)) ?? Data()
        let identifier = place.map { "id: \($0)\n" } ?? ""
        return "event: \(name)\n\(identifier)data: \(String(decoding: data, as: UTF8.self))\n\n"
    }
}

/// What has changed on record: the address of its page, and its newest event; nothing of anybody.
private struct ChangeReport: Encodable {
    var card: String?
    var application: String?
    let event: UInt64
}
