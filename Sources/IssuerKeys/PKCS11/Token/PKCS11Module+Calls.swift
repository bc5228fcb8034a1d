import CPKCS11
import CardCryptography

/// The calls of the house, with values instead of pointers.
extension PKCS11Module {
    /// A token in a slot, as `C_GetTokenInfo` tells it.
    struct TokenInfo {
        let slot: CK_SLOT_ID
        let label: String
        let serial: String
        let model: String
        let isInitialized: Bool
        /// Whether the token says that few tries, one, or none are left for the user's PIN.
        let flags: CK_FLAGS

        /// Refuses to have the user's PIN presented where the token says that the next wrong one locks it; one that is locked it refuses itself.
        func checkUserPIN(spendsLastTry: Bool) throws(TokenFailure) {
            if flags & CK_FLAGS(CKF_USER_PIN_FINAL_TRY) != 0, !spendsLastTry { throw .lastPINTry }
        }

        /// The same for the security officer's, which nobody is let to spend the last try of.
        func checkOfficerPIN() throws(TokenFailure) {
            if flags & CK_FLAGS(CKF_SO_PIN_FINAL_TRY) != 0 { throw .lastPINTry }
        }
    }

    /// Every token in a slot.
    func tokens() throws(TokenFailure) -> [TokenInfo] {
        var count: CK_ULONG = 0
        try call("C_GetSlotList") { $0.C_GetSlotList?(CK_BBOOL(CK_TRUE), nil, &count) }
        var slots = [CK_SLOT_ID](repeating: 0, count: Int(count))
        try call("C_GetSlotList") { list in
            slots.withUnsafeMutableBufferPointer { list.C_GetSlotList?(CK_BBOOL(CK_TRUE), $0.baseAddress, &count) }
        }
        var tokens: [TokenInfo] = []
        for slot in slots.prefix(Int(count)) {
            var info = CK_TOKEN_INFO()
            try call("C_GetTokenInfo") { $0.C_GetTokenInfo?(slot, &info) }
            tokens.append(
                TokenInfo(
                    slot: slot, label: Self.text(info.label), serial: Self.text(info.serialNumber),
                    model: Self.text(info.model), isInitialized: info.flags & CK_FLAGS(CKF_TOKEN_INITIALIZED) != 0,
                    flags: info.flags))
        }
        return tokens
    }

    /// The slot of the one token with this label.
    func slot(ofToken label: String) throws(TokenFailure) -> CK_SLOT_ID { try token(label).slot }

    /// The one token with this label.
    func token(_ label: String) throws(TokenFailure) -> TokenInfo {
        let found = try tokens().filter { $0.isInitialized && $0.label == label }
        guard let first = found.first else { throw .notFound(label) }
        guard found.count == 1 else { throw .ambiguous(label) }
        return first
    }

    /// Text of a fixed field, without the blanks that fill it.
    private static func text<Field>(_ field: Field) -> String {
        withUnsafeBytes(of: field) { bytes in
            var end = bytes.count
            while end > 0, bytes[end - 1] == 0x20 || bytes[end - 1] == 0 { end -= 1 }
            return String(decoding: bytes[..<end], as: UTF8.self)
        }
    }

    func openSession(_ slot: CK_SLOT_ID, isWriting: Bool) throws(TokenFailure) -> CK_SESSION_HANDLE {
        var session: CK_SESSION_HANDLE = 0
        let flags = CK_FLAGS(CKF_SERIAL_SESSION) | (isWriting ? CK_FLAGS(CKF_RW_SESSION) : 0)
        try call("C_OpenSession") { $0.C_OpenSession?(slot, flags, nil, nil, &session) }
        return session
    }

    func logIn(_ session: CK_SESSION_HANDLE, as user: CK_USER_TYPE, pin: HeldKey) throws(TokenFailure) {
        try call("C_Login") { list in
            pin.withMutablePointer { list.C_Login?(session, user, $0, CK_ULONG($1)) }
        }
    }

    /// All objects that have these attributes.
    func find(in session: CK_SESSION_HANDLE, _ template: AttributeTemplate) throws(TokenFailure) -> [CK_OBJECT_HANDLE] {
        try call("C_FindObjectsInit") { list in template.withList { list.C_FindObjectsInit?(session, $0, $1) } }
        var found: [CK_OBJECT_HANDLE] = []
        defer { _ = try? call("C_FindObjectsFinal") { $0.C_FindObjectsFinal?(session) } }
        while true {
            var some = [CK_OBJECT_HANDLE](repeating: 0, count: 64)
            var count: CK_ULONG = 0
            try call("C_FindObjects") { list in
                some.withUnsafeMutableBufferPointer { list.C_FindObjects?(session, $0.baseAddress, 64, &count) }
            }
            found += some.prefix(Int(count))
            if count == 0 { return found }
        }
    }

    /// The value of one attribute, which is no secret.
    func value(
        of object: CK_OBJECT_HANDLE, _ type: CK_ATTRIBUTE_TYPE, in session: CK_SESSION_HANDLE
    ) throws(TokenFailure) -> [UInt8] {
        // what is read here is a line or a label
        var value = [UInt8](repeating: 0, count: 1024)
        var attribute = CK_ATTRIBUTE(type: type, pValue: nil, ulValueLen: CK_ULONG(value.count))
        try call("C_GetAttributeValue") { list in
            value.withUnsafeMutableBytes { buffer in
                attribute.pValue = buffer.baseAddress
                return list.C_GetAttributeValue?(session, object, &attribute, 1)
            }
        }
        guard Int(attribute.ulValueLen) <= value.count else {
            throw .failed("C_GetAttributeValue", attribute.ulValueLen)
        }
        return Array(value.prefix(Int(attribute.ulValueLen)))
    }

    func create(
        _ template: AttributeTemplate, in session: CK_SESSION_HANDLE
    ) throws(TokenFailure) -> CK_OBJECT_HANDLE {
        var object: CK_OBJECT_HANDLE = 0
        try call("C_CreateObject") { list in template.withList { list.C_CreateObject?(session, $0, $1, &object) } }
        return object
    }

    /// A copy of an object that lives as long as the session.
    func sessionCopy(
        of object: CK_OBJECT_HANDLE, in session: CK_SESSION_HANDLE, changing template: AttributeTemplate? = nil
    ) throws(TokenFailure) -> CK_OBJECT_HANDLE {
        var copy: CK_OBJECT_HANDLE = 0
        let template = (template ?? AttributeTemplate()).adding(CKA_TOKEN, false)
        try call("C_CopyObject") { list in template.withList { list.C_CopyObject?(session, object, $0, $1, &copy) } }
        return copy
    }

    func destroy(_ object: CK_OBJECT_HANDLE, in session: CK_SESSION_HANDLE) {
        _ = try? call("C_DestroyObject") { $0.C_DestroyObject?(session, object) }
    }

    /// A key made of `data` enciphered under another, inside the token.
    func derive(
        from key: CK_OBJECT_HANDLE, data: [16 of UInt8], _ template: AttributeTemplate, in session: CK_SESSION_HANDLE
    ) throws(TokenFailure) -> CK_OBJECT_HANDLE {
        var derived: CK_OBJECT_HANDLE = 0
        var data = data
        try call("C_DeriveKey") { list in
            withUnsafeMutableBytes(of: &data) { bytes in
                var string = CK_KEY_DERIVATION_STRING_DATA(
                    pData: bytes.baseAddress?.assumingMemoryBound(to: UInt8.self), ulLen: 16)
                return withUnsafeMutablePointer(to: &string) { parameter in
                    var mechanism = CK_MECHANISM(
                        mechanism: CKM_DES3_ECB_ENCRYPT_DATA, pParameter: parameter,
                        ulParameterLen: CK_ULONG(MemoryLayout<CK_KEY_DERIVATION_STRING_DATA>.size))
                    return template.withList { list.C_DeriveKey?(session, &mechanism, key, $0, $1, &derived) }
                }
            }
        }
        return derived
    }

    /// Enciphers or deciphers whole blocks of 8 bytes; with an initial value they are chained (CBC).
    func crypt(
        encrypting: Bool = true, _ key: CK_OBJECT_HANDLE, _ input: Span<UInt8>, initialValue: [UInt8]? = nil,
        into output: inout MutableSpan<UInt8>, in session: CK_SESSION_HANDLE
    ) throws(TokenFailure) {
        var initial = initialValue ?? []
        try call(encrypting ? "C_EncryptInit" : "C_DecryptInit") { list in
            initial.withUnsafeMutableBytes { bytes in
                var mechanism = CK_MECHANISM(
                    mechanism: initialValue == nil ? CKM_DES3_ECB : CKM_DES3_CBC,
                    pParameter: initialValue == nil ? nil : bytes.baseAddress, ulParameterLen: CK_ULONG(bytes.count))
                return encrypting
                    ? list.C_EncryptInit?(session, &mechanism, key) : list.C_DecryptInit?(session, &mechanism, key)
            }
        }
        let size = input.count
        var count = CK_ULONG(output.count)
        try call(encrypting ? "C_Encrypt" : "C_Decrypt") { list in
            output.withUnsafeMutableBufferPointer { to in
                input.withUnsafeBufferPointer { from in
                    let start = UnsafeMutablePointer(mutating: from.baseAddress)
                    return encrypting
                        ? list.C_Encrypt?(session, start, CK_ULONG(size), to.baseAddress, &count)
                        : list.C_Decrypt?(session, start, CK_ULONG(size), to.baseAddress, &count)
                }
            }
        }
        guard Int(count) == size else { throw .failed(encrypting ? "C_Encrypt" : "C_Decrypt", count) }
    }
}

extension HeldKey {
    /// Lends the bytes to C, which takes no constant pointer and changes nothing.
    fileprivate func withMutablePointer<Value>(_ body: (UnsafeMutablePointer<UInt8>?, Int) -> Value) -> Value {
        withSpan { span in
            span.withUnsafeBufferPointer { body(UnsafeMutablePointer(mutating: $0.baseAddress), $0.count) }
        }
    }
}
