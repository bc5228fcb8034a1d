import CardData
import Foundation
import Testing

@testable import IssuerKeys

/// The messages between program and module process, and the names of tokens.
@Suite struct ModuleMessageTests {
    private static let path = TokenKeyPath(
        master: "IRK/01",
        steps: [
            .init(factor: DiversificationFactor(value: 0x0102_0304_0506_0708), form: .whole),
            .init(factor: DiversificationFactor(value: .max), form: .left),
        ])

    @Test(arguments: [
        TokenFailure.moduleMissing("/a", reason: "b"), .notFound("令牌"), .ambiguous("x"), .wrongPIN, .lockedPIN,
        .refusedPIN, .lost("gone"), .notLoaded(""), .alreadyLoaded("n"), .probeRefused(["a", "b"]), .keysStayInside,
        .beyondToken("SM4"), .failed("C_Sign", 0x30), .malformedMessage,
    ])
    func `a failure comes back as it was, with a message in both languages`(failure: TokenFailure) throws {
        let writer = ModuleWriter(isFailure: true)
        failure.write(to: writer)
        let reader = ModuleReader(writer.bytes)
        #expect(try reader.byte() == 1)
        #expect(try TokenFailure(from: reader) == failure)
        try reader.end()
        for fault in CardKeyError.token(failure).faults {
            #expect([4, 70].contains(MessageCatalogue.standard.exitCode(for: fault.code)))
            for language in MessageLanguage.allCases {
                let text = MessageCatalogue.standard.text(for: fault, language: language)
                #expect(text.what != fault.code.rawValue && !text.what.contains("{") && !text.next.isEmpty)
            }
        }
    }

    @Test func `a path and a request come back as they were, and not when a byte is missing`() throws {
        let writer = ModuleWriter(.wrappedKey)
        WrappedKeyRequest(
            content: .inside(Self.path), protection: .known([1, 2, 3]), header: [0xF9], contentLength: 24, p1: 1,
            p2: 2, initialValue: [9, 9], parity: .odd
        ).write(to: writer)
        let reader = ModuleReader(writer.bytes)
        _ = try reader.byte()
        let request = try WrappedKeyRequest(from: reader)
        try reader.end()
        guard case .inside(Self.path) = request.content, case .known([1, 2, 3]) = request.protection else {
            Issue.record("content or protection is another")
            return
        }
        #expect(request.header == [0xF9] && request.contentLength == 24 && request.p1 == 1 && request.p2 == 2)
        #expect(request.initialValue == [9, 9] && request.parity == .odd)
        for count in 0..<writer.bytes.count - 1 {
            let cut = ModuleReader(Array(writer.bytes[1..<count + 1]))
            #expect(throws: TokenFailure.self) { _ = try WrappedKeyRequest(from: cut) }
        }
    }

    @Test func `whatever a request holds, the module process answers, and without a token does nothing`() throws {
        var state: UInt64 = 0x5353_4341_5244
        func next() -> UInt8 {
            state ^= state << 13
            state ^= state >> 7
            state ^= state << 17
            return UInt8(truncatingIfNeeded: state >> 24)
        }
        let conversation = ModuleConversation(ModuleState())
        for operation in ModuleOperation.allCases {
            // those open files by the name in the request
            guard ![.listTokens, .initializeToken, .open].contains(operation) else { continue }
            for length in 0..<60 {
                let bytes =
                    [operation.rawValue] + (0..<length).map { index in index % 4 == 3 ? next() % 16 : next() % 3 }
                let answer = conversation.answer(ModuleReader(bytes)).bytes
                #expect(answer.first == 1, "\(bytes)")
            }
        }
        #expect(conversation.answer(ModuleReader([])).bytes == [1, 14])
        #expect(conversation.answer(ModuleReader([0xEE])).bytes == [1, 14])
    }

    @Test func `every fault code of tokens and of the module's strings has a message in both languages`() throws {
        var codes: Set<String> = []
        for name in ["PKCS11", "HSMFlow"] {
            let folder = Surroundings.home.appending(path: "Sources/IssuerKeys/\(name)").resolvingSymlinksInPath()
            let paths = try #require(FileManager.default.enumerator(at: folder, includingPropertiesForKeys: nil))
            for case let file as URL in paths where file.pathExtension == "swift" {
                let text = try String(contentsOf: file, encoding: .utf8)
                for match in text.matches(of: /"((?:token|token-policy|hsm-flow)\.[a-z-]+)"/) {
                    codes.insert(String(match.1))
                }
            }
        }
        #expect(codes.count >= 20)
        for code in codes {
            let fault = Fault(FaultCode(rawValue: code))
            #expect([2, 4, 70].contains(MessageCatalogue.standard.exitCode(for: fault.code)), "\(code)")
            for language in MessageLanguage.allCases {
                let text = MessageCatalogue.standard.text(for: fault, language: language)
                #expect(text.what != code && !text.next.isEmpty, "\(code)")
            }
        }
    }

    @Test func `labels of keys are read as they are written, and others are not`() throws {
        let identity = KeySet.Identity(name: KeyName(rawValue: "UKSSSE"), algorithm: .sm4)
        #expect(identity.tokenLabel == "UKSSSE/03/1")
        #expect(KeySet.Identity(tokenLabel: "UKSSSE/03/1") == identity)
        for text in [
            "", "/", "UKSSSE", "UKSSSE/03", "UKSSSE/3/1", "UKSSSE/04/1", "/01/1", "A/B/01/1", "UKSSSE/003/1", "A/01/0",
        ] {
            #expect(KeySet.Identity(tokenLabel: text) == nil, "\(text)")
        }
    }

    @Test(arguments: [
        ("pkcs11:token=city-990100", "city-990100", TokenLocation.softHSMModule),
        ("pkcs11:token=city%20990100?module-path=/opt/hsm.so", "city 990100", "/opt/hsm.so"),
        ("pkcs11:token=%E5%B8%82%E7%BA%A7?module-path=%2Fa%2Fb.so", "市级", "/a/b.so"),
    ])
    func `a location is read by RFC 7512`(text: String, label: String, path: String) throws {
        let location = try TokenLocation(text)
        #expect(location.label == label && location.modulePath == path)
        #expect(try TokenLocation("\(location)") == location)
    }

    @Test(arguments: [
        ("pkcs11:", "token.location"), ("pkcs11:token=", "token.location"), ("file:token=a", "token.location"),
        ("pkcs11:token=a;token=b", "token.location"), ("pkcs11:token=a;slot-id=1", "token.location"),
        ("pkcs11:token=a%2", "token.location"), ("pkcs11:token=a%FF", "token.location"),
        ("pkcs11:token=abcdefghijklmnopqrstuvwxyz-0987654", "token.location"),
        ("pkcs11:token=a?pin-value=1234", "token.pin-in-location"),
        ("pkcs11:token=a;pin-value=1234", "token.pin-in-location"),
    ])
    func `a wrong location is refused, and a PIN in it is not repeated`(text: String, code: String) {
        do {
            _ = try TokenLocation(text)
            Issue.record("\(text) was read")
        } catch {
            #expect(error.faults.map(\.code.rawValue) == [code])
            #expect(error.faults.allSatisfy { fault in !fault.parameters.values.contains { $0.contains("1234") } })
        }
    }
}
