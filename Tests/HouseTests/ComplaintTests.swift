import Foundation
import Testing

/// What users of such software complain about (card.md §8), and the tests that answer it.
@Suite struct ComplaintTests {
    private struct Answer: Decodable {
        let number: Int
        let complaint: String
        let tests: [String]
    }

    @Test func everyComplaintIsAnsweredByTestsThatAreThere() throws {
        let file = packageFolder.appending(path: "Tests/complaints.json")
        let answers = try JSONDecoder().decode([Answer].self, from: Data(contentsOf: file))
        #expect(answers.map(\.number) == Array(1...22))
        let sources = try SourceFile.all(in: packageFolder.appending(path: "Tests"), extensions: ["swift", "py"])
        for answer in answers {
            #expect(!answer.complaint.isEmpty && !answer.tests.isEmpty, "\(answer.number)")
            for name in answer.tests {
                // A name in camel case is a Swift test; a sentence is a check of the tool.
                let declaration = name.contains(" ") ? "check(\"\(name)\"" : "func \(name)("
                let template = "check(f\"\(name)\""
                let isThere = sources.contains { $0.text.contains(declaration) || $0.text.contains(template) }
                #expect(isThere, "\(answer.number): no test is called \(name)")
            }
        }
    }
}
