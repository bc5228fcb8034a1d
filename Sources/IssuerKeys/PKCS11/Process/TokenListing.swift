import CPKCS11

/// A token in a slot, as everybody may see it without a PIN.
public struct TokenListing: Hashable, Sendable {
    /// Its label; empty for a slot with a token that is not initialised.
    public let label: String
    /// Its serial number.
    public let serial: String
    /// Its model.
    public let model: String
    /// Whether it has a label and a security officer.
    public let isInitialized: Bool
    /// What the token says of the user's PIN.
    public let pinState: PINState

    /// What a token says of the user's PIN.
    public enum PINState: String, Hashable, Sendable {
        /// No PIN is set.
        case unset
        /// All tries are there.
        case ready
        /// A wrong PIN was given since the last right one.
        case someTriesSpent = "some-tries-spent"
        /// One more wrong PIN locks it.
        case lastTry = "last-try"
        /// It is locked.
        case locked
    }

    init(_ info: PKCS11Module.TokenInfo) {
        label = info.isInitialized ? info.label : ""
        serial = info.serial
        model = info.model
        isInitialized = info.isInitialized
        func isSet(_ flag: CK_FLAGS) -> Bool { info.flags & flag != 0 }
        pinState =
            if !isSet(CK_FLAGS(CKF_USER_PIN_INITIALIZED)) {
                .unset
            } else if isSet(CK_FLAGS(CKF_USER_PIN_LOCKED)) {
                .locked
            } else if isSet(CK_FLAGS(CKF_USER_PIN_FINAL_TRY)) {
                .lastTry
            } else if isSet(CK_FLAGS(CKF_USER_PIN_COUNT_LOW)) {
                .someTriesSpent
            } else {
                .ready
            }
    }

    func write(to writer: ModuleWriter) {
        writer.put(byte: isInitialized ? 1 : 0, label, serial, model)
        writer.put(pinState.rawValue)
    }

    init(from reader: ModuleReader) throws(TokenFailure) {
        isInitialized = try reader.byte() == 1
        label = try reader.text()
        serial = try reader.text()
        model = try reader.text()
        guard let state = PINState(rawValue: try reader.text()) else { throw .malformedMessage }
        pinState = state
    }
}
