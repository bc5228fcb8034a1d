import CardData
import Foundation
import Hummingbird

/// What went wrong, for programs (RFC 9457, `application/problem+json`).
struct Problem: Encodable {
    /// One of several faults.
    struct Detail: Encodable {
        let code: String
        let what: [String: String]
        let next: [String: String]
    }

    let type: String
    let title: String
    let status: Int
    let detail: String
    let faults: [Detail]

    init(_ faults: [Fault]) {
        let catalogue = MessageCatalogue.standard
        let first = faults.first ?? Fault("counter.unexpected", ["error": ""])
        let english = catalogue.text(for: first, language: .english)
        type = "urn:sscard:fault:\(first.code.rawValue)"
        title = english.what
        detail = english.next
        status = FaultStatus.status(of: faults).code
        self.faults = faults.map { fault in
            let texts = MessageLanguage.allCases.map { ($0.rawValue, catalogue.text(for: fault, language: $0)) }
            return Detail(
                code: fault.code.rawValue,
                what: Dictionary(uniqueKeysWithValues: texts.map { ($0.0, $0.1.what) }),
                next: Dictionary(uniqueKeysWithValues: texts.map { ($0.0, $0.1.next) }))
        }
    }

    var response: Response {
        JSONAnswer.response(self, status: HTTPResponse.Status(code: status), type: "application/problem+json")
    }
}

/// JSON answers: sorted keys, dates as numbers, nothing cached.
enum JSONAnswer {
    static func response(
        _ value: some Encodable, status: HTTPResponse.Status = .ok, type: String = "application/json"
    ) -> Response {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        let data = (try? encoder.encode(value)) ?? Data()
        var response = Response(
            status: data.isEmpty ? .internalServerError : status,
            body: ResponseBody(byteBuffer: ByteBuffer(bytes: data)))
        response.headers[.contentType] = type
        return response
    }
}
