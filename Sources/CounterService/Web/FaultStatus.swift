import CardData
import Hummingbird

/// Which HTTP status a fault answers with.
enum FaultStatus {
    private static let own: [FaultCode: HTTPResponse.Status] = [
        "counter.login-wrong": .unauthorized, "counter.login-wait": .tooManyRequests,
        "counter.login-busy": .tooManyRequests, "counter.session": .unauthorized,
        "counter.form-token": .forbidden, "counter.foreign-page": .forbidden, "counter.not-found": .notFound,
        "counter.too-large": .contentTooLarge, "counter.media-type": .unsupportedMediaType,
        "counter.form": .badRequest, "counter.json": .badRequest, "counter.host": .misdirectedRequest,
        "registry.card-changed": .conflict, "counter.form-used": .conflict, "counter.form-unknown": .conflict,
        "counter.no-role": .forbidden, "operator.password-given": .forbidden,
        "queue.displays": .serviceUnavailable, "counter.streams-many": .serviceUnavailable,
        "counter.uploads-full": .serviceUnavailable,
    ]

    /// By the fault's code, else by the exit code that the tool would end with.
    static func status(of faults: [Fault]) -> HTTPResponse.Status {
        guard let first = faults.first else { return .internalServerError }
        if let status = own[first.code] { return status }
        return switch MessageCatalogue.standard.exitCode(for: first.code) {
        case 1: .conflict
        case 2: .unprocessableContent
        case 3, 4, 6: .serviceUnavailable
        default: .internalServerError
        }
    }

    /// Tells whoever was turned away for a while when to come again (RFC 9110, §10.2.3).
    static func tellWhen(_ faults: [Fault], _ response: inout Response) {
        guard [.tooManyRequests, .serviceUnavailable].contains(response.status),
            let seconds = faults.first?.parameters["seconds"]
        else { return }
        response.headers[.retryAfter] = seconds
    }

    /// What an error tells, in the catalogue's terms.
    static func faults(of error: any Error) -> [Fault] {
        switch error {
        case let error as any FaultReporting: error.faults
        case let error as any HTTPResponseError where error.status == .notFound: [Fault("counter.not-found")]
        case let error as any HTTPResponseError where error.status == .contentTooLarge:
            [Fault("counter.too-large", ["most": String(Visitor.bodyLimit / 1024)])]
        default: [Fault("counter.unexpected", ["error": "\(type(of: error))"])]
        }
    }
}
