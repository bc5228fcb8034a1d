import CPKCS11
import Glibc

/// Attributes of a PKCS#11 object, with the memory their values lie in, which is wiped.
final class AttributeTemplate {
    private var list: [CK_ATTRIBUTE] = []

    func adding(_ type: CK_ATTRIBUTE_TYPE, _ value: Bool) -> Self {
        adding(type, [UInt8](arrayLiteral: value ? 1 : 0).span)
    }

    func adding(_ type: CK_ATTRIBUTE_TYPE, number: CK_ULONG) -> Self {
        withUnsafeBytes(of: number) { add(type, $0) }
        return self
    }

    func adding(_ type: CK_ATTRIBUTE_TYPE, _ value: String) -> Self { adding(type, Array(value.utf8).span) }

    func adding(_ type: CK_ATTRIBUTE_TYPE, _ value: Span<UInt8>) -> Self {
        value.withUnsafeBufferPointer { add(type, UnsafeRawBufferPointer($0)) }
        return self
    }

    private func add(_ type: CK_ATTRIBUTE_TYPE, _ value: UnsafeRawBufferPointer) {
        let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: max(value.count, 1), alignment: 16)
        memory.copyMemory(from: value)
        list.append(CK_ATTRIBUTE(type: type, pValue: memory.baseAddress, ulValueLen: CK_ULONG(value.count)))
    }

    /// Lends the attributes to a call.
    func withList<Value>(_ body: (UnsafeMutablePointer<CK_ATTRIBUTE>?, CK_ULONG) -> Value) -> Value {
        list.withUnsafeMutableBufferPointer { body($0.baseAddress, CK_ULONG($0.count)) }
    }

    deinit {
        for attribute in list {
            guard let memory = attribute.pValue else { continue }
            explicit_bzero(memory, Int(attribute.ulValueLen))
            memory.deallocate()
        }
    }
}

extension AttributeTemplate {
    /// A secret key of ours: private, never readable, never to be taken out.
    static func secretKey(_ type: CK_KEY_TYPE, onToken: Bool) -> AttributeTemplate {
        AttributeTemplate().adding(CKA_CLASS, number: CKO_SECRET_KEY).adding(CKA_KEY_TYPE, number: type)
            .adding(CKA_TOKEN, onToken).adding(CKA_PRIVATE, true).adding(CKA_SENSITIVE, true)
            .adding(CKA_EXTRACTABLE, false)
    }
}
