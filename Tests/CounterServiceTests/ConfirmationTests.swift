import CardData
import Synchronization
import Testing

@testable import CounterService

/// One form, one look at the second person's password.
@Suite struct ConfirmationTests {
    private let looks = Counter()

    private final class Counter: Sendable {
        private let value = Atomic(0)

        func next() -> Int { value.add(1, ordering: .relaxed).newValue }

        var count: Int { value.load(ordering: .relaxed) }
    }

    private func look(_ fields: Fields, _ password: String) async throws -> UInt64 {
        try await fields.confirmation.once(2001, password) { [looks] in
            guard password == "right" else {
                _ = looks.next()
                throw Faults("counter.login-wrong")
            }
            return Operator(number: UInt64(looks.next()), name: "李二", roles: [.supervisor])
        }.number
    }

    @Test func allActsOfAFormShareOneLook() async throws {
        let fields = Fields(values: ["second-number": "2001", "second-password": "right", "query": "x"])
        #expect(try await look(fields, "right") == 1)
        // What looks at a person is given the second person's fields alone: it is the same form.
        #expect(try await look(fields.secondPerson, "right") == 1)
        #expect(looks.count == 1)
        // Another form is looked at again, and so is another password.
        #expect(try await look(Fields(values: [:]), "right") == 2)
        await #expect(throws: Faults.self) { try await look(fields, "wrong") }
        #expect(looks.count == 3)
    }

    @Test func oneWrongPasswordIsOneWrongPassword() async throws {
        let fields = Fields(values: [:])
        for _ in 0..<2 { await #expect(throws: Faults.self) { try await look(fields, "wrong") } }
        #expect(looks.count == 1)
    }
}
