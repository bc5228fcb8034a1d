import CardData
import Foundation
import Hummingbird
import Lifecycle
import Registry

/// How the service runs, for machines and for the administrator; and the files of the pages.
extension CounterWeb {
    func addOperations(to router: Router<CounterContext>) {
        router.get("/health") { _, _ in try await health() }
        router.get("/metrics") { _, context in
            // How much is done here is nothing for the whole network.
            guard let address = context.address,
                address == "127.0.0.1" || configuration.metricsReaders.contains(address)
            else { throw Faults("counter.not-found") }
            let numbers = try await desk.registry { try $0.deskNumbers(of: 0) }
            let free = Disk.freeBytes(at: configuration.dataFolder) ?? 0
            // Of a clock that nothing keeps the error is not known, and not told.
            let clock = desk.clocks.wallError().map {
                [("sscard_clock_error_milliseconds", "The greatest error of the clock.", Int($0))]
            }
            let text = desk.metrics.text(
                gauges: (clock ?? []) + nightGauges + [
                    ("sscard_counter_sessions", "Sessions that are open.", sessions.count),
                    ("sscard_registry_events", "Events in the log.", Int(numbers.head)),
                    ("sscard_registry_unsent", "Events not sent upward.", numbers.unsent),
                    ("sscard_registry_blanks", "Blanks in the stock book.", numbers.blanks),
                    ("sscard_readers", "Reader slots that are seen.", board.picture.slots.count),
                    ("sscard_data_free_bytes", "Free space of the data folder's disk.", free),
                ])
            var response = Response(status: .ok, body: ResponseBody(byteBuffer: ByteBuffer(string: text)))
            response.headers[.contentType] = "text/plain; version=0.0.4; charset=utf-8"
            return response
        }
        page(router, "/operations") { visitor in
            guard visitor.person.roles.contains(.administrator) else { throw Faults("counter.no-role") }
            let numbers = try await desk.registry { try $0.deskNumbers(of: 0) }
            let people = try desk.operators.all()
            let mayGiveCards = room.keys != nil
            return show(
                "operations", visitor, title: pages.words.text("operations", visitor.language),
                [
                    "troubles": PageRenderer.views(of: try await troubles(numbers), visitor.language),
                    "policy": desk.policy.version, "mode": desk.policy.mode.rawValue, "head": String(numbers.head),
                    "unsent": String(numbers.unsent), "sessions": String(sessions.count),
                    "free": Disk.text(Disk.freeBytes(at: configuration.dataFolder)),
                    "now": Moment.text(desk.clocks.wall()), "night": nightView(visitor.language),
                    "mayGiveCards": mayGiveCards,
                    "chip": chipView(.always, visitor) ?? [:],
                    "cardPeople": people.filter { !$0.roles.isEmpty && $0.card == nil }.map {
                        ["number": String($0.number), "name": $0.name] as View
                    },
                    "people": people.map { person in
                        [
                            "number": String(person.number), "name": person.name,
                            "roles": OperatorRole.allCases.filter(person.roles.contains)
                                .map(visitor.language.word).joined(
                                    separator: visitor.language == .chinese ? "、" : ", "),
                            "isOff": person.roles.isEmpty,
                            "hasCard": person.card != nil,
                        ] as View
                    },
                ])
        }
    }

    /// What the last night's verification found; nothing before there was one.
    private var nightGauges: [(String, String, Int)] {
        desk.night.last.map {
            [
                (
                    "sscard_registry_verification_good", "Whether the last verification found the registry in order.",
                    $0.fault == nil ? 1 : 0
                ),
                ("sscard_registry_verification_time_seconds", "When it began, Unix time.", Int($0.at / 1000)),
                ("sscard_registry_verification_milliseconds", "How long it took.", Int($0.milliseconds)),
                ("sscard_registry_verified_events", "Events that it found good.", Int($0.events)),
            ]
        } ?? []
    }

    /// Style, script and icon, read once; browsers may keep them for an hour.
    func addFiles(to router: Router<CounterContext>) throws {
        for (name, type) in [
            ("counter.css", "text/css; charset=utf-8"), ("counter.js", "text/javascript; charset=utf-8"),
            ("icon.svg", "image/svg+xml"),
        ] {
            let body = ByteBuffer(string: try PageFiles.text(name))
            router.get("/static/\(name)") { _, _ in
                var response = Response(status: .ok, body: ResponseBody(byteBuffer: body))
                response.headers[.contentType] = type
                response.headers[.cacheControl] = "private, max-age=3600"
                return response
            }
        }
    }
}
