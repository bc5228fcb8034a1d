import ByteText
public import CardData
import ISO7816

extension ReaderError: FaultReporting {
    /// The one fault, in the terms of the message catalogue (`messages-reader.yaml`).
    public var faults: [Fault] { [fault] }

    private var fault: Fault {
        switch self {
        case .serviceNotRunning: Fault("reader.service-not-running")
        case .accessRefused: Fault("reader.access-refused")
        case .serviceFull: Fault("reader.service-full")
        case .noReader: Fault("reader.none")
        case .readerNotFound(let text, let available):
            Fault(
                available.count >= ReaderList.limit ? "reader.limit" : "reader.not-found",
                ["reader": text, "readers": list(available), "limit": String(ReaderList.limit)])
        case .ambiguous(nil, let filled): Fault("reader.several-cards", ["readers": list(filled)])
        case .ambiguous(let text?, let matches):
            Fault("reader.ambiguous", ["reader": text, "readers": list(matches)])
        case .readerRemoved(let reader): Fault("reader.removed", ["reader": reader.rawValue])
        case .noCard(let reader): Fault("reader.no-card", ["reader": reader.rawValue])
        case .noCardAnywhere(let readers): Fault("reader.no-card", ["reader": list(readers)])
        case .cardMute(let reader): Fault("reader.card-mute", ["reader": reader.rawValue])
        case .cardUnsupported(let reader): Fault("reader.card-unsupported", ["reader": reader.rawValue])
        case .cardHeld(let reader): Fault("reader.card-held", ["reader": reader.rawValue])
        case .cardHeldByOneOf(let reader, let programs):
            Fault(
                "reader.card-held-by",
                [
                    "reader": reader.rawValue,
                    "programs": programs.map { "\($0.name) (\($0.process))" }.joined(separator: ", "),
                ])
        case .card(let error, let reader): fault(of: error, in: reader)
        case .system(let function, let code): Fault("reader.system", ["function": function, "code": hexadecimal(code)])
        }
    }

    private func fault(of error: CardChannelError, in reader: ReaderName?) -> Fault {
        let name = ["reader": reader?.rawValue ?? "–"]
        return switch error {
        case .cardRemoved: Fault("reader.card-removed", name)
        case .cardWasReset: Fault("reader.card-reset", name)
        case .cardMute: Fault("reader.card-mute", name)
        case .readerRemoved: Fault("reader.removed", name)
        case .malformedAnswer(let count):
            Fault("reader.malformed-answer", name.merging(["count": String(count)]) { $1 })
        case .commandTooLong(let count, let most):
            Fault("card.command-too-long", ["count": String(count), "most": String(most)])
        case .answerNotAuthentic: Fault("card.answer-not-authentic")
        case .refused(let reason): Fault("reader.command-refused", ["command": reason])
        case .protectionBroken: Fault("card.protection-broken")
        case .notProtected(let reason): Fault("card.not-protected", ["reason": reason])
        case .reader(let function, let code):
            Fault("reader.system", ["function": function, "code": hexadecimal(code)])
        }
    }

    private func list(_ readers: [ReaderName]) -> String { readers.map(\.rawValue).joined(separator: ", ") }

    /// PC/SC codes are written as in its headers, `8010000B`.
    private func hexadecimal(_ code: Int) -> String { UInt32(truncatingIfNeeded: code).hexadecimal }
}
