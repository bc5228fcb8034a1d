public import IssuerKeys
public import SmartCardReader

/// Where a site's keys are: a sealed store opened in this process, a token, a PSAM, or a gateway.
public struct KeyBackEnd: Sendable {
    /// What uses them.
    public let service: any CardKeyService
    /// The set itself, where it is in this process.
    public let keySet: KeySet?
    /// The reader that is held for a PSAM, and takes no cards.
    public let heldReader: ReaderName?

    /// A back-end from its parts.
    public init(service: any CardKeyService, keySet: KeySet? = nil, heldReader: ReaderName? = nil) {
        self.service = service
        self.keySet = keySet
        self.heldReader = heldReader
    }
}
