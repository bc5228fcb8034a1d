import CardData
import HTTPTypes
import Hummingbird
import Testing

@testable import CounterService

/// What is held in memory of requests at once has an end, and whoever comes too late is told when to come again.
@Suite struct BodyRoomTests {
    private static let full = Faults("counter.uploads-full", ["seconds": "5"])

    private static func place(_ last: UInt8) -> LoginPlace { .address([192, 0, 2, last]) }

    private static func request(_ length: Int?) -> Request {
        var fields = HTTPFields()
        if let length { fields[.contentLength] = String(length) }
        return Request(
            head: HTTPRequest(method: .post, scheme: nil, authority: nil, path: "/", headerFields: fields),
            body: RequestBody(buffer: ByteBuffer()))
    }

    /// Holds bodies of these lengths, one inside the other, and does `body` meanwhile.
    private func holding(
        _ lengths: [(Int?, LoginPlace)], in room: BodyRoom, upTo limit: Int, _ body: () async throws -> Void
    ) async throws {
        guard let (length, place) = lengths.first else { return try await body() }
        try await room.holding(Self.request(length), upTo: limit, from: place) {
            try await holding(Array(lengths.dropFirst()), in: room, upTo: limit, body)
        }
    }

    private func expectFull(_ room: BodyRoom, _ length: Int?, upTo limit: Int, _ place: LoginPlace) async {
        await #expect(throws: Self.full) {
            try await room.holding(Self.request(length), upTo: limit, from: place) { Issue.record("it was read") }
        }
    }

    @Test func soManyBytesAreHeldAtOnceAndNoMore() async throws {
        let (room, quarter) = (BodyRoom(), BodyRoom.bytes / 4)
        let four = (1...4).map { (Optional(quarter), Self.place($0)) }
        try await holding(four, in: room, upTo: quarter) {
            #expect(room.held == BodyRoom.bytes)
            await expectFull(room, 1, upTo: quarter, Self.place(5))
            await expectFull(room, 1, upTo: quarter, .untold)
            await #expect(throws: Self.full) { try await room.takingFile(from: Self.place(5)) {} }
        }
        #expect(room.held == 0)
        try await holding([(1, Self.place(1))], in: room, upTo: quarter) { #expect(room.held == 1) }
    }

    @Test func oneAddressHasAQuarterAndOthersKeepTheirs() async throws {
        let (room, quarter) = (BodyRoom(), BodyRoom.bytes / 4)
        try await holding([(quarter, Self.place(1))], in: room, upTo: quarter) {
            await expectFull(room, 1, upTo: quarter, Self.place(1))
            try await holding([(quarter, Self.place(2))], in: room, upTo: quarter) {}
        }
    }

    /// Who does not say how much comes holds as much as would be read; who says more than that, no more.
    @Test func whatIsNotToldCountsAsTheLimit() async throws {
        let room = BodyRoom()
        for length in [nil, 5000, -1] as [Int?] {
            try await holding([(length, Self.place(1))], in: room, upTo: 1000) {
                #expect(room.held == (length == -1 ? 0 : 1000))
            }
        }
    }

    @Test func anErrorGivesTheRoomBack() async {
        let room = BodyRoom()
        await #expect(throws: Faults("counter.form")) {
            try await room.holding(Self.request(100), upTo: 1000, from: Self.place(1)) { throw Faults("counter.form") }
        }
        #expect(room.held == 0)
    }

    @Test func soManyFilesAreSentAtOnce() async throws {
        let room = BodyRoom()
        func holdFiles(_ places: [LoginPlace], _ body: () async throws -> Void) async throws {
            guard let place = places.first else { return try await body() }
            try await room.takingFile(from: place) { try await holdFiles(Array(places.dropFirst()), body) }
        }
        try await holdFiles([Self.place(1), Self.place(1)]) {
            await #expect(throws: Self.full) { try await room.takingFile(from: Self.place(1)) {} }
        }
        try await holdFiles((1...UInt8(BodyRoom.files)).map(Self.place)) {
            await #expect(throws: Self.full) { try await room.takingFile(from: Self.place(99)) {} }
        }
        #expect(room.held == 0)
    }

    @Test func theAnswerIs503WithTheTimeToComeAgain() {
        let faults = Self.full.faults
        #expect(FaultStatus.status(of: faults) == .serviceUnavailable)
        var response = Response(status: FaultStatus.status(of: faults))
        FaultStatus.tellWhen(faults, &response)
        #expect(response.headers[.retryAfter] == "5")
    }
}
