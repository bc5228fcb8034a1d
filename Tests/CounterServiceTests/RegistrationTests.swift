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

    /// Wide digits (全角) and a blank in a short name are another spelling of the same person, who is found by the plain one.
    @Test func whatIsTypedWideOrSpacedIsThePersonAllTheSame() async throws {
        let window = Window()
        try await window.open { port in
            let (cookie, token) = try await formSession(port)
            let fields = [
                "citizenNumber": "９９０１６５２００８０２１１６８５７", "name": "李 四", "sex": "1", "ethnicGroup": "01",
                "birthDate": "２００８０２１１", "birthPlace": "９９０１６５", "form-token": token, "key": "the-key-of-this-form",
            ]
            let taken = try await send("/people/new", fields, cookie, port)
            #expect(taken.status == 303)
            for query in ["李四", "李 四"] {
                let found = try await send(
                    "/search", ["form-token": token, "query": query, "purpose": "inquiry"], cookie, port)
                #expect(found.header("Location") == taken.header("Location"), "\(query)")
            }
        }
    }

    /// The number tells the sex: where it is wrong nobody is told of another field as well.
    @Test func aWrongNumberIsToldAlone() async throws {
        let window = Window()
        try await window.open { port in
            let (cookie, token) = try await formSession(port)
            let fields = [
                "citizenNumber": "990165200802116858", "name": "张三", "sex": "", "ethnicGroup": "01",
                "birthDate": "20080211", "birthPlace": "990165", "form-token": token, "key": "the-key-of-this-form",
            ]
            let refused = try await send("/people/new", fields, cookie, port)
            #expect(refused.status == 422)
            #expect(
                refused.body.contains("citizen-number.check-character")
                    && !refused.body.contains("applicant.value-missing"))
        }
    }
}
