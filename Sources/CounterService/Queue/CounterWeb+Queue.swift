import CardData
import Foundation
import Hummingbird
import ServiceLifecycle

/// The queue: numbers taken, called and served, told to every window and to a display as it happens.
extension CounterWeb {
    func addQueue(to router: Router<CounterContext>) {
        page(router, "/queue") { visitor in try await queuePage(visitor) }
        form(router, "/queue/:step") { visitor in
            do {
                try await sitWhereTheBrowserIs(visitor)
                let number = try await performStep(visitor)
                var response = goOn(
                    to: visitor.parameter("step") == QueueStep.take.rawValue ? "/queue?taken=\(number)" : "/queue")
                if visitor.parameter("step") == QueueStep.sit.rawValue {
                    response.setCookie(BrowserPlace.cookie(visitor.fields["place"], configuration))
                }
                return response
            } catch let error as any FaultReporting {
                return try await queuePage(visitor, error.faults)
            }
        }
        // A display in the waiting room: numbers and windows, nothing of anybody, so nobody logs in at it.
        router.get("/queue/board") { request, _ in
            let language = Visitor.language(of: request)
            let report = QueueReport(try await today(), pages.words, language, isPublic: true)
            return pages.page(
                "queue-board",
                [
                    "title": pages.words.text("queueBoard", language), "isLoggedOut": true, "back": "/queue/board",
                    "waitingCount": String(report.waiting.count), "called": report.called.map(\.view),
                ], language)
        }
        router.get("/queue/board/events") { request, context in
            try await stream(Visitor.language(of: request), at: place(of: context))
        }
    }

    /// Whoever calls somebody sits where their browser stands, as far as it knows and they have not said otherwise today.
    private func sitWhereTheBrowserIs(_ visitor: Visitor) async throws {
        let window = visitor.person.number
        guard ![QueueStep.sit, .take].map(\.rawValue).contains(visitor.parameter("step")),
            let place = BrowserPlace.remembered(by: visitor.request), try await today().places[window] == nil
        else { return }
        let queue = desk.queue
        _ = try await desk.threads.run { try queue.perform(.sit, place: place, at: window) }
    }

    /// Does the step of the address once, however often its form arrives; gives the ticket's number.
    func performStep(_ visitor: Visitor) async throws -> Int {
        guard let step = QueueStep(rawValue: visitor.parameter("step")) else { throw Faults("counter.not-found") }
        let (ticket, errand) = (Int(visitor.fields["ticket"]), QueueErrand(rawValue: visitor.fields["errand"]))
        let (queue, window) = (desk.queue, visitor.person.number)
        let (hasPriority, place) = (visitor.fields.isOn("priority"), visitor.fields["place"])
        return try await desk.queueSteps.once(visitor.key(), saying: visitor.fields) {
            try await desk.threads.run {
                try queue.perform(
                    step, ticket: ticket, errand: errand, hasPriority: hasPriority, place: place, at: window)
            }
        }
    }

    /// Today's tickets.
    func today() async throws -> QueueDay {
        let queue = desk.queue
        return try await desk.threads.run { try queue.today() }
    }

    private func queuePage(_ visitor: Visitor, _ faults: [Fault] = []) async throws -> Response {
        let language = visitor.language
        let day = try await today()
        let report = QueueReport(day, pages.words, language)
        let own = day.ticket(at: visitor.person.number)
        var view: View = [
            "waitingCount": String(report.waiting.count), "waiting": report.waiting.map(\.view),
            "hasWaiting": !report.waiting.isEmpty, "called": report.called.map(\.view),
            "absent": report.absent.map(\.view), "hasAbsent": !report.absent.isEmpty && own == nil,
            "others": report.called.filter { $0.window != visitor.person.number }.map(\.view),
            "hasOthers": own == nil && !day.inHand(besides: visitor.person.number).isEmpty,
            "errands": QueueErrand.allCases.map { errand in
                ["errand": errand.rawValue, "name": pages.words.text("errand-\(errand.rawValue)", language)] as View
            },
        ]
        let place = day.places[visitor.person.number] ?? BrowserPlace.remembered(by: visitor.request)
        view["place"] = place ?? ""
        view["hasNoPlace"] = place == nil
        if let own {
            view["own"] =
                [
                    "label": own.label, "number": String(own.number), "isCalled": own.state == .called,
                    "isServing": own.state == .serving,
                    "errandName": pages.words.text("errand-\(own.errand.rawValue)", language),
                ] as View
        }
        let taken = visitor.request.uri.queryParameters["taken"].flatMap { Int($0) }
        view["taken"] = taken.flatMap { number in day.tickets.first { $0.number == number }?.label }
        return show("queue", visitor, title: pages.words.text("queue", language), faults: faults, view)
    }

    /// Server-sent events: the whole queue each time, so that a display that missed one has lost nothing.
    private func stream(_ language: MessageLanguage, at place: LoginPlace) async throws -> Response {
        let queue = desk.queue
        let days = try await desk.threads.run { try queue.days(for: .display, at: place) }
        let words = pages.words
        return Self.eventStream { writer in
            let news = LiveNews()
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask {
                    for await day in days.cancelOnGracefulShutdown() { news.note(day) }
                    news.end()
                }
                // A display that is gone is noticed by writing to it, and its place is another's then.
                group.addTask { while (try? await Task.sleep(for: Self.beat)) != nil { news.ring() } }
                for await _ in news.bell {
                    let text = news.take().day.map {
                        Self.event("queue", QueueReport($0, words, language, isPublic: true))
                    }
                    try await writer.write(ByteBuffer(string: text ?? ":\n\n"))
                }
                group.cancelAll()
            }
        }
    }
}

/// The queue as pages, displays and programs are told of it.
struct QueueReport: Encodable {
    /// A ticket.
    struct Row: Encodable {
        let ticket: Int
        let label: String
        let errand: String
        let state: String
        let stateName: String
        /// Who called it; for those in the hall nobody.
        let window: UInt64?
        /// What the window is called, where whoever sits there has said so.
        let place: String?
        let calls: Int
        let hasPriority: Bool
        let priority: String

        var view: View {
            var view: View = [
                "number": String(ticket), "label": label, "errand": errand, "stateCode": state, "state": stateName,
            ]
            view["window"] = place ?? window.map(String.init)
            view["priority"] = priority
            return view
        }
    }

    let waiting: [Row]
    let called: [Row]
    let absent: [Row]
    let done: Int

    /// - Parameter isPublic: whether everybody in the hall reads it: then it names no operator.
    init(_ day: QueueDay, _ words: Words, _ language: MessageLanguage, isPublic: Bool = false) {
        let rows = day.tickets.map { ticket in
            Row(
                ticket: ticket.number, label: ticket.label,
                errand: words.text("errand-\(ticket.errand.rawValue)", language), state: ticket.state.rawValue,
                stateName: words.text("queue-\(ticket.state.rawValue)", language),
                window: isPublic ? nil : ticket.window,
                place: ticket.window.flatMap { day.places[$0] },
                calls: ticket.calls, hasPriority: ticket.hasPriority,
                priority: ticket.hasPriority ? words.text("queuePriority", language) : "")
        }
        waiting = day.waiting.compactMap { ticket in rows.first { $0.ticket == ticket.number } }
        called = rows.filter { [QueueTicket.State.called, .serving].map(\.rawValue).contains($0.state) }
        absent = rows.filter { $0.state == QueueTicket.State.absent.rawValue }
        done = day.tickets.count { $0.state == .done }
    }
}
