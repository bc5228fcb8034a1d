import ByteText
import CardCryptography
import IssuerKeys

/// The gateway in front of the hardware module (加密机前置): each message is a conversation of its own.
///
/// On the wire a message stands behind its length in two bytes, most significant first, and so does the answer. A gateway that
/// refuses answers with a negative code, as the driver's calls do: `-2201|` [inferred: no public text has the frame or refusals].
struct HSMGateway: Sendable {
    /// Longer answers there are none.
    private static let longestAnswer = 1024

    let settings: GatewaySettings
    private let credentials: GatewayCredentials

    init(_ settings: GatewaySettings, as credentials: GatewayCredentials) {
        self.settings = settings
        self.credentials = credentials
    }

    /// Greets the gateway and asks nothing; when its certificate ends.
    ///
    /// - Throws: `refusesUs` also for a refusal that comes behind the greeting.
    func greet() throws(HSMGatewayFault) -> String? {
        let conversation = try GatewayConversation.open(settings, as: credentials)
        let end = conversation.serverCertificateEnds
        try conversation.endUnasked()
        return end
    }

    /// The answer to a message.
    func answer(to message: HSMBusiness) throws(HSMGatewayFault) -> String {
        var conversation = try GatewayConversation.open(settings, as: credentials)
        let text = message.text
        let framed = text.withSpan { text in
            SecretBytes.filling(count: text.count + 2) { span in
                span[0] = UInt8(truncatingIfNeeded: text.count >> 8)
                span[1] = UInt8(truncatingIfNeeded: text.count)
                for index in text.indices { span[index + 2] = text[index] }
            }
        }
        let head = try framed.withUnsafeBytes { bytes throws(HSMGatewayFault) in
            try conversation.ask(bytes, answer: 2)
        }
        let count = Int(head[0]) << 8 | Int(head[1])
        guard (1...Self.longestAnswer).contains(count) else { throw .tooLong(count) }
        let bytes = try conversation.read(count)
        conversation.end()
        guard bytes.allSatisfy({ (0x21...0x7E).contains($0) }) else { throw .malformed("no ASCII") }
        let answer = String(decoding: bytes, as: UTF8.self)
        if answer.hasPrefix("-") {
            let digits = answer.dropFirst().dropLast()
            guard answer.hasSuffix("|"), (1...6).contains(digits.count), digits.allSatisfy({ ("0"..."9").contains($0) })
            else { throw .malformed("refusal") }
            throw .refused("-" + digits)
        }
        return answer
    }
}
