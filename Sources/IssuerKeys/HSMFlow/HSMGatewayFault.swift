public import CardData

/// Why the gateway in front of the hardware module (加密机前置) did not answer for a card; never carries a PIN or a key.
public enum HSMGatewayFault: Error, Hashable, Sendable {
    /// What of the own credentials cannot be used, and where it lies.
    case credentials(Credential, path: String)
    /// No conversation came about; nothing was asked.
    case unreachable(String)
    /// The gateway's certificate does not hold: whose it is, or for when; nothing was asked.
    case notTrusted(String)
    /// The gateway does not take the own certificate.
    case refusesUs(String)
    /// The conversation broke off behind the question: nobody here knows whether it was answered.
    case brokenOff(String)
    /// The time was over, before the question was sent or behind it.
    case timeLimit(milliseconds: Int, wasAsked: Bool)
    /// The answer is longer than one can be.
    case tooLong(Int)
    /// The answer is no answer to the question: what of it.
    case malformed(String)
    /// The gateway said no, with its code.
    case refused(String)
    /// Gateways have no message for it.
    case cannot(KeyName, String)
    /// The hierarchy gives the version of the key no address in the module.
    case noAddress(KeyName, KeyVersion)
    /// The message needs what nobody read from the card.
    case notRead(CardFact)

    /// What a side shows to be known.
    public enum Credential: Hashable, Sendable {
        /// The certificates of those who may issue the gateway's.
        case authorities
        /// The own certificate.
        case certificate
        /// Its private key: no key, or another passphrase.
        case privateKey
        /// The private key is that of another certificate.
        case keyOfAnother
        /// The private key is not there.
        case keyMissing
        /// Others than its owner may read the private key.
        case keyOpenToOthers
    }

    /// What of a card a message may need.
    public enum CardFact: String, Hashable, Sendable {
        /// The 13 historical bytes of the answer to reset (复位信息).
        case resetInformation = "reset-information"
        /// The identification code (卡识别码).
        case identificationCode = "identification-code"
    }

    /// Whether the question may have been answered although no answer came.
    public var mayHaveBeenAnswered: Bool {
        switch self {
        case .brokenOff, .tooLong, .malformed: true
        case .timeLimit(_, let wasAsked): wasAsked
        case .credentials, .unreachable, .notTrusted, .refusesUs, .refused, .cannot, .noAddress, .notRead: false
        }
    }
}

extension HSMGatewayFault.Credential {
    fileprivate var code: FaultCode {
        switch self {
        case .authorities: "gateway.authorities"
        case .certificate: "gateway.certificate"
        case .privateKey: "gateway.private-key"
        case .keyOfAnother: "gateway.key-of-another"
        case .keyMissing: "gateway.key-missing"
        case .keyOpenToOthers: "gateway.key-open-to-others"
        }
    }
}

extension HSMGatewayFault: FaultReporting {
    /// The one fault in the catalogue's terms.
    public var faults: [Fault] {
        switch self {
        case .credentials(let what, let path): [Fault(what.code, ["path": path])]
        case .unreachable(let reason): [Fault("gateway.unreachable", ["reason": reason])]
        case .notTrusted(let reason): [Fault("gateway.not-trusted", ["reason": reason])]
        case .refusesUs(let reason): [Fault("gateway.refuses-us", ["reason": reason])]
        case .brokenOff(let reason): [Fault("gateway.broken-off", ["reason": reason])]
        case .timeLimit(let limit, let wasAsked):
            [Fault(wasAsked ? "gateway.no-answer" : "gateway.too-slow", ["milliseconds": String(limit)])]
        case .tooLong(let count): [Fault("gateway.too-long", ["count": String(count)])]
        case .malformed(let what): [Fault("gateway.malformed", ["what": what])]
        case .refused(let code): [Fault("gateway.refused", ["code": code])]
        case .cannot(let key, let what): [Fault("gateway.cannot", ["key": key.rawValue, "what": what])]
        case .noAddress(let key, let version):
            [Fault("gateway.no-address", ["key": key.rawValue, "version": version.description])]
        case .notRead(let fact): [Fault("gateway.not-read", ["fact": fact.rawValue])]
        }
    }
}
