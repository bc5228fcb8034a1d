import CardData
import HTTPTypes
import Hummingbird
import HummingbirdCore
import Lifecycle
import Logging

/// What was refused, in the service's log: who tried what on which card, and why not; never a PIN, a password or a person's number.
extension CounterWeb {
    /// Our own mistakes and the store's go to the log, as codes.
    func tell(_ error: any Error, _ faults: [Fault], of visitor: Visitor) {
        guard FaultStatus.status(of: faults).code >= 500 else { return }
        logger.error(
            "failed",
            metadata: [
                "faults": "\(faults.map(\.code.rawValue).joined(separator: " "))",
                "operator": "\(visitor.person.number)", "type": "\(type(of: error))",
            ])
    }

    /// Notes an act that was refused, wrong PINs among them.
    func noteRefusal(_ faults: [Fault], of visitor: Visitor) {
        guard visitor.request.method == .post, !faults.isEmpty else { return }
        var metadata: Logger.Metadata = [
            "operator": "\(visitor.person.number)", "route": "\(visitor.route)",
            "codes": "\(faults.map(\.code.rawValue).joined(separator: " "))",
        ]
        for name in ["act", "step", "move", "issue", "application", "sequence"] {
            // What stands in an address was typed by whoever called it: only what has the form of a word or a name of ours is kept.
            let value = visitor.parameter(name)
            if Self.isName(value) { metadata[name] = "\(value)" }
        }
        if visitor.route.hasPrefix("/issues"), Self.isName(visitor.fields["step"]) {
            metadata["step"] = "\(visitor.fields["step"])"
        }
        let card = visitor.parameter("card")
        if !card.isEmpty { metadata["card"] = "\(room.names.reference(of: card)?.text ?? "unknown")" }
        logger.notice("act refused", metadata: metadata)
    }

    /// Lower-case words, and the names of issues, applications and events, which no person's number looks like.
    private static func isName(_ text: String) -> Bool {
        let bytes = text.utf8
        let (stroke, slash) = (UInt8(ascii: "-"), UInt8(ascii: "/"))
        let (letters, digits) = (UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"))
        let isWord = bytes.allSatisfy { $0 == stroke || letters.contains($0) }
        let isIssue = bytes.count == 16 && text.allSatisfy { $0.isASCII && $0.isHexDigit }
        let isPlace = bytes.count <= 12 && bytes.allSatisfy { $0 == stroke || $0 == slash || digits.contains($0) }
        return !text.isEmpty && text.utf8.count <= 40 && (isWord || isIssue || isPlace)
    }
}
