import Foundation
import Testing

@testable import CounterService

/// The document that describes the interface for programs, held against the routes themselves.
@Suite struct ProgramInterfaceTests {
    /// `METHOD /path/{parameter}` of everything that the document describes.
    private func described() throws -> Set<String> {
        let text = try PageFiles.text("openapi.json")
        let document = try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
        let paths = try #require(document["paths"] as? [String: [String: Any]])
        return Set(paths.flatMap { path, methods in methods.keys.map { "\($0.uppercased()) \(path)" } })
    }

    @Test func everyRouteIsDescribedAndNoOther() async throws {
        let routes = try await Window().routes().filter { $0.contains(" /api/") }
        // The document does not describe itself.
        let served = Set(routes).subtracting(["GET /api/openapi.json"])
        #expect(served == (try described()))
        #expect(served.count >= 25)
    }

    /// A path's parameters, its form token and its key are told with it.
    @Test func everyParameterOfAPathIsDescribed() throws {
        let text = try PageFiles.text("openapi.json")
        let document = try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
        let paths = try #require(document["paths"] as? [String: [String: Any]])
        for (path, methods) in paths {
            let names = Set(path.matches(of: /\{([^}]+)\}/).map { String($0.1) })
            for case let (method, operation as [String: Any]) in methods {
                let parameters = operation["parameters"] as? [[String: Any]] ?? []
                let told = parameters.filter { $0["in"] as? String == "path" }.compactMap { $0["name"] as? String }
                #expect(Set(told) == names, "\(method) \(path)")
                let references = parameters.compactMap { $0["$ref"] as? String }
                let wantsToken = method == "post" && path != "/api/session"
                #expect(references.contains("#/components/parameters/FormToken") == wantsToken, "\(method) \(path)")
            }
        }
    }
}
