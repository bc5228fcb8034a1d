import Foundation
import Testing

@testable import CounterService

/// Registering a person at a window: once for each form, however often it arrives.
@Suite struct RegistrationTests {
    @Test func aPersonIsRegisteredOnceForEachForm() async throws {
        let window = Window()
        try await window.open { port in
            let (cookie, token) = try await formSession(port)
            var fields = [
                "citizenNumber": "990165200802116857", "name": "张三", "sex": "1", "ethnicGroup": "01",
                "birthDate": "20080211", "birthPlace": "990165", "form-token": token, "key": "the-key-of-this-form",
            ]
            let first = try await send("/people/new", fields, cookie, port)
            #expect(first.status == 303)
            #expect(first.header("Location")?.hasPrefix("/people/") == true)
            let again = try await send("/people/new", fields, cookie, port)
            #expect(again.header("Location") == first.header("Location"))
            let home = try await ask(port, "GET", "/api/home", headers: ["Cookie": cookie])
            #expect(home.body.contains("\"head\":1"), "registered twice: \(home.body)")
            fields["name"] = "李四"
            let changed = try await send("/people/new", fields, cookie, port)
            #expect(changed.status == 409)
            #expect(changed.body.contains("counter.form-used"))
            fields["key"] = nil
            let keyless = try await send("/people/new", fields, cookie, port)
            #expect(keyless.body.contains("counter.no-key"))
        }
    }
}
