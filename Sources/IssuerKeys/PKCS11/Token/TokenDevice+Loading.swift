import CPKCS11
import CardCryptography

/// Making a token ready and bringing keys into it.
extension PKCS11Module {
    /// Initialises a token in a free slot: a label, a security officer's PIN, a user's PIN.
    ///
    /// - Throws: `notFound` when no slot is free, `ambiguous` when a token has the label already.
    func initializeToken(label: String, officerPIN: HeldKey, userPIN: HeldKey) throws(TokenFailure) {
        let tokens = try tokens()
        guard !tokens.contains(where: { $0.isInitialized && $0.label == label }) else { throw .ambiguous(label) }
        guard let free = tokens.first(where: { !$0.isInitialized }) else { throw .notFound(label) }
        try free.checkOfficerPIN()
        var name = Array(label.utf8)
        name += [UInt8](repeating: 0x20, count: max(0, 32 - name.count))
        try call("C_InitToken") { list in
            officerPIN.withSpan { span in
                span.withUnsafeBufferPointer { pin in
                    let start = UnsafeMutablePointer(mutating: pin.baseAddress)
                    return name.withUnsafeMutableBufferPointer {
                        list.C_InitToken?(free.slot, start, CK_ULONG(pin.count), $0.baseAddress)
                    }
                }
            }
        }
        let session = try openSession(slot(ofToken: label), isWriting: true)
        defer { _ = try? call("C_CloseSession") { $0.C_CloseSession?(session) } }
        try logIn(session, as: CK_USER_TYPE(CKU_SO), pin: officerPIN)
        try call("C_InitPIN") { list in
            userPIN.withSpan { span in
                span.withUnsafeBufferPointer { pin in
                    list.C_InitPIN?(session, UnsafeMutablePointer(mutating: pin.baseAddress), CK_ULONG(pin.count))
                }
            }
        }
    }
}

extension TokenDevice {
    /// Refuses a token that holds a key set, and takes away what an interrupted loading left.
    func beginLoading() throws(TokenFailure) {
        if let name = current.description?.name { throw .alreadyLoaded(name) }
        let session = current.session
        for key in try module.find(in: session, .tokenKeys()) { module.destroy(key, in: session) }
    }

    /// Creates one master on the token.
    ///
    /// Keys of SM4 go in as opaque generic secrets: no mechanism of the standard uses them.
    func importKey(_ identity: KeySet.Identity, _ key: HeldKey, purpose: TokenPurpose) throws(TokenFailure) {
        guard current.description == nil else { throw .alreadyLoaded(current.description?.name ?? "") }
        let isUsable = identity.algorithm == .tripleDES
        let template = AttributeTemplate.secretKey(
            CK_KEY_TYPE(isUsable ? CKK_DES2 : CKK_GENERIC_SECRET), onToken: true
        ).adding(CKA_ID, Self.application).adding(CKA_LABEL, identity.tokenLabel).adding(CKA_DERIVE, isUsable)
            .adding(CKA_ENCRYPT, isUsable && purpose == .cardMaking).adding(CKA_DECRYPT, false)
            .adding(CKA_SIGN, false).adding(CKA_VERIFY, false).adding(CKA_WRAP, false).adding(CKA_UNWRAP, false)
        let session = current.session
        let module = module
        try key.withSpan { span throws(TokenFailure) in
            _ = try module.create(template.adding(CKA_VALUE, span), in: session)
        }
    }

    /// Writes the description, without which the keys count for nothing: the last step of loading.
    func finishLoading(_ description: TokenDescription) throws(TokenFailure) {
        guard current.description == nil else { throw .alreadyLoaded(description.name) }
        _ = try module.create(
            AttributeTemplate.keySetDescription().adding(CKA_TOKEN, true).adding(CKA_PRIVATE, true)
                .adding(CKA_MODIFIABLE, false).adding(CKA_LABEL, description.name)
                .adding(CKA_VALUE, description.text),
            in: current.session)
        try refresh()
    }
}
