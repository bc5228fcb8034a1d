import CPKCS11
import CardCryptography

/// The trials of a token, with a throw-away master of the attributes that our masters have for authentication.
extension TokenSession {
    func probe() throws(TokenFailure) -> [TokenProbe: TokenProbe.Outcome] {
        let value = try TokenFailure.reporting { () throws(CryptographyError) in try SecureRandom.secret(16) }
        let template = AttributeTemplate.secretKey(CK_KEY_TYPE(CKK_DES2), onToken: false).adding(CKA_DERIVE, true)
            .adding(CKA_ENCRYPT, false)
        let module = module
        let session = handle
        let master = try value.withSpan { span throws(TokenFailure) in
            try module.create(template.adding(CKA_VALUE, span), in: session)
        }
        defer { module.destroy(master, in: session) }
        var outcomes: [TokenProbe: TokenProbe.Outcome] = [:]
        for probe in TokenProbe.allCases { outcomes[probe] = attempt(probe, on: master) }
        return outcomes
    }

    private func attempt(_ probe: TokenProbe, on master: CK_OBJECT_HANDLE) -> TokenProbe.Outcome {
        switch probe {
        case .masterRead: isReadable(master) ? .done : .refused
        case .masterMadeExtractable: isCopied(master, CKA_EXTRACTABLE, true)
        case .masterMadeReadable: isCopied(master, CKA_SENSITIVE, false)
        case .masterWrapped: wrap(master)
        case .derivingMasterEncrypts: enciphers(master) ? .done : .refused
        case .derivedKeyRead: deriveReadable(master)
        }
    }

    private func isReadable(_ key: CK_OBJECT_HANDLE) -> Bool {
        (try? module.value(of: key, CKA_VALUE, in: handle)).map { !$0.isEmpty } ?? false
    }

    private func isCopied(
        _ master: CK_OBJECT_HANDLE, _ type: CK_ATTRIBUTE_TYPE, _ value: Bool
    ) -> TokenProbe.Outcome {
        let change = AttributeTemplate().adding(type, value)
        guard let copy = try? module.sessionCopy(of: master, in: handle, changing: change) else { return .refused }
        defer { module.destroy(copy, in: handle) }
        // some tokens take the wish and do not fulfil it
        let result = (try? module.value(of: copy, type, in: handle)) ?? []
        return result == [value ? 1 : 0] ? .done : .refused
    }

    private func enciphers(_ master: CK_OBJECT_HANDLE) -> Bool {
        var output = [UInt8](repeating: 0, count: 8)
        var span = output.mutableSpan
        return (try? module.crypt(master, [UInt8](repeating: 0, count: 8).span, into: &span, in: handle)) != nil
    }

    private func wrap(_ master: CK_OBJECT_HANDLE) -> TokenProbe.Outcome {
        let template = AttributeTemplate.secretKey(CK_KEY_TYPE(CKK_AES), onToken: false).adding(CKA_WRAP, true)
            .adding(CKA_VALUE, [UInt8](repeating: 0x5A, count: 16).span)
        guard let wrapping = try? module.create(template, in: handle) else { return .untried }
        defer { module.destroy(wrapping, in: handle) }
        var mechanism = CK_MECHANISM(mechanism: CKM_AES_KEY_WRAP, pParameter: nil, ulParameterLen: 0)
        var wrapped = [UInt8](repeating: 0, count: 64)
        var count = CK_ULONG(wrapped.count)
        do throws(TokenFailure) {
            try module.call("C_WrapKey") { list in
                wrapped.withUnsafeMutableBufferPointer {
                    list.C_WrapKey?(handle, &mechanism, wrapping, master, $0.baseAddress, &count)
                }
            }
            return .done
        } catch {
            return error == .failed("C_WrapKey", CKR_MECHANISM_INVALID) ? .untried : .refused
        }
    }

    private func deriveReadable(_ master: CK_OBJECT_HANDLE) -> TokenProbe.Outcome {
        let template = AttributeTemplate().adding(CKA_CLASS, number: CKO_SECRET_KEY)
            .adding(CKA_KEY_TYPE, number: CK_KEY_TYPE(CKK_DES2)).adding(CKA_TOKEN, false)
            .adding(CKA_SENSITIVE, false).adding(CKA_EXTRACTABLE, true)
        let data = [16 of UInt8](repeating: 0x5A)
        guard let key = try? module.derive(from: master, data: data, template, in: handle) else { return .refused }
        defer { module.destroy(key, in: handle) }
        return isReadable(key) ? .done : .refused
    }
}

extension TokenFailure {
    /// Runs a piece of cryptography in the module's process; its failure is that of a call.
    static func reporting<Value: ~Copyable>(
        _ body: () throws(CryptographyError) -> Value
    ) throws(TokenFailure) -> Value {
        do throws(CryptographyError) {
            return try body()
        } catch {
            throw .failed("\(error)", 0)
        }
    }
}
