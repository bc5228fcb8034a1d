import CardData
import Hummingbird
import Issuing
import Registry

/// What stands in the way of work at this counter, told alike to whoever opens the first page, to administrators and to machines.
extension CounterWeb {
    /// How the service is, for machines: it answers as long as it runs, and says what is wrong.
    func health() async throws -> Response {
        let numbers = try await desk.registry { try $0.deskNumbers(of: 0) }
        return JSONAnswer.response(
            HealthReport(
                numbers, troubles: try await troubles(numbers), hasKeys: room.keys != nil,
                isClockKept: desk.clocks.wallError() != nil, pages: desk.registry.pageStanding,
                verification: desk.night.standing, verified: desk.night.last?.at))
    }

    /// The faults of now: keys that are not used any more, a disk that keeps nothing or has little room, a clock that has gone back, a registry
    /// that the last night found not in order.
    func troubles(_ numbers: DeskNumbers) async throws -> [Fault] {
        var faults = [desk.night.last?.fault].compactMap(\.self)
        let (keys, folder) = (room.keys, configuration.dataFolder)
        let (isLogClosed, free, unwritable) = try await desk.threads.run { [diskWatch] in
            (keys?.isLogClosed ?? false, Disk.freeBytes(at: folder) ?? 0, diskWatch.fault())
        }
        if isLogClosed { faults.append(Fault("key-log.closed")) }
        if let unwritable { faults.append(unwritable) }
        if let low = Disk.lowFault(free) { faults.append(low) }
        if desk.clocks.wall() < numbers.latestTime { faults.append(Fault("counter.clock-back")) }
        return faults
    }
}

extension CounterWeb {
    /// The nightly verification in a line, for who runs the service.
    func nightView(_ language: MessageLanguage) -> String {
        let words = pages.words
        let night = desk.night
        let told = words.text("night-\(night.standing.rawValue)", language)
        guard let last = night.last else {
            return night.when.map { "\(told) · \(words.text("nightNext", language)) \($0.text)" } ?? told
        }
        return "\(told) · \(Moment.text(last.at)) · \(last.events) \(words.text("nightEvents", language))"
    }
}

/// How a service is.
struct HealthReport: Encodable {
    /// `up`, or `degraded` where anything is wrong.
    let status: String
    /// The newest event's place in the log.
    let head: String
    /// `open`, `closed` or `none`.
    let keys: String
    /// `good`, `low`, or `unwritable` where nothing is kept any more.
    let disk: String
    /// `good`, `back`, or `unsynchronised` where it is kept to no source of time and nobody knows how far it is off.
    let clock: String
    /// `good` once every page of the registry's file was looked at since the start, `checking` until then; a service that finds one broken
    /// ends.
    let pages: String
    /// What the last night's verification of the registry found: `good` or `bad`, `unfinished` where it did not come to its end; `running`, `none` where no night has come since the start, or
    /// `off`.
    let verification: String
    /// When that began, Unix seconds; nil where there was none.
    let verified: UInt64?

    init(
        _ numbers: DeskNumbers, troubles: [Fault], hasKeys: Bool, isClockKept: Bool, pages: PageStanding,
        verification: NightlyVerification.Standing, verified: UInt64?
    ) {
        func has(_ code: FaultCode) -> Bool { troubles.contains { $0.code == code } }
        status = troubles.isEmpty ? "up" : "degraded"
        head = String(numbers.head)
        keys = !hasKeys ? "none" : has("key-log.closed") ? "closed" : "open"
        disk = has("counter.disk-unwritable") ? "unwritable" : has("counter.disk-low") ? "low" : "good"
        clock = has("counter.clock-back") ? "back" : isClockKept ? "good" : "unsynchronised"
        self.pages = pages.rawValue
        self.verification = verification.rawValue
        self.verified = verified.map { $0 / 1000 }
    }
}
