import ByteText
import CardCryptography
import CardData
import Foundation
import Testing

@testable import IssuerKeys

/// Neither key nor form of the authentication code is public: whatever the hierarchy says is done, or refused.
extension KeyServiceConformanceTests {
    private func text() throws -> String {
        let file = Surroundings.home.appending(path: "Keys/hierarchy.yaml").path(percentEncoded: false)
        return try String(contentsOfFile: file, encoding: .utf8)
    }

    @Test(arguments: KeyBackEnd.computing, IdentificationCodeRule.Form.allCases)
    func `the authentication code has the key and the form that the hierarchy says`(
        trial: KeyBackEnd.Trial, form: IdentificationCodeRule.Form
    ) throws {
        let ruled = try KeyHierarchy(
            DataFile.parse(
                text()
                    .replacing(
                        "identificationCode: {key: IRK, form: command-mac}",
                        with: "identificationCode: {key: UKSSSE, form: \(form.rawValue)}"
                    )
                    .replacing(
                        "  UKSSSE: {group: update, use: [",
                        with: "  UKSSSE: {group: update, use: [identification-code, "), file: "hierarchy.yaml"))
        #expect(ruled.identificationCode == IdentificationCodeRule(key: KeyName(rawValue: "UKSSSE"), form: form))
        let card = card(trial.algorithm)
        let service = try trial.backEnd.service(.city, ruled)
        #expect(service.identificationCodeKey == KeyName(rawValue: "UKSSSE"))
        let groups: [UInt8] = [0x99, 0x01, 0x00, 0xD1, 0x56, 0, 0, 5, 0, 0, 0, 1]
        let made = try answered(by: trial.backEnd, .identificationCode, "UKSSSE") {
            try service.identificationCodeAuthentication(over: groups, with: issuer("UKSSSE"), of: card)
        }
        guard let made else { return }
        let key = try key("UKSSSE", card)
        func enciphered(_ block: [UInt8]) throws -> [UInt8] {
            Array(try SecondEngine.encrypt(cipher(card), key: key.span, block: block).unprotectedCopy().prefix(4))
        }
        // cut into blocks by hand: 3DES has two of them, SM4 one
        let isSM4 = trial.algorithm == .sm4
        let expected: [UInt8] =
            switch form {
            case .commandMAC:
                try CardCryptogram.commandMAC(
                    key: key, cipher: cipher(card), initialValue: [UInt8](repeating: 0, count: isSM4 ? 16 : 8),
                    message: groups)
            case .firstBlock: try enciphered(isSM4 ? groups + [0x80, 0, 0, 0] : Array(groups[..<8]))
            case .lastBlock: try enciphered(isSM4 ? groups + [0x80, 0, 0, 0] : groups[8...] + [0x80, 0, 0, 0])
            }
        #expect(made == expected)
    }

    /// Calculated with `openssl enc -nopad` over 990100 D156000005 00000001 80000000: `-des-ede` and `-sm4-ecb`, block by block; the
    /// command MAC of 3DES with `-des-cbc` under the left half, the last block of it deciphered under the right half and enciphered
    /// under the left one, that of SM4, whose one block is chained with nothing, with `-sm4-ecb`.
    @Test(arguments: [
        (IdentificationCodeRule.Form.commandMAC, "FD557B0C", "BA4A85A6"),
        (IdentificationCodeRule.Form.firstBlock, "FB27CC1E", "BA4A85A6"),
        (IdentificationCodeRule.Form.lastBlock, "BBD86009", "BA4A85A6"),
    ])
    func `each form of the authentication code is what OpenSSL calculates`(
        form: IdentificationCodeRule.Form, tripleDES: String, sm4: String
    ) throws {
        let key = try #require([UInt8](hexadecimal: "0123456789ABCDEFFEDCBA9876543210"))
        let groups = try #require([UInt8](hexadecimal: "990100D15600000500000001"))
        #expect(try form.authentication(over: groups, under: key.span, cipher: .tripleDES).hexadecimal == tripleDES)
        #expect(try form.authentication(over: groups, under: key.span, cipher: .sm4).hexadecimal == sm4)
    }

    @Test func `a hierarchy that says nothing of the authentication code has the usual rule`() throws {
        let silent = try text().replacing("identificationCode: {key: IRK, form: command-mac}", with: "")
        let hierarchy = try KeyHierarchy(DataFile.parse(silent, file: "hierarchy.yaml"))
        #expect(
            hierarchy.identificationCode == IdentificationCodeRule(key: KeyName(rawValue: "IRK"), form: .commandMAC))
    }

    @Test(arguments: [
        ("{key: PUK, form: command-mac}", "key-hierarchy.identification-code"),
        ("{key: NOKEY, form: command-mac}", "key-hierarchy.identification-code"),
        ("{key: IRK, form: whole}", "key-hierarchy.unknown-word"),
    ])
    func `a key that is not for it and a form that is none are refused`(rule: String, code: String) throws {
        let wrong = try text().replacing(
            "identificationCode: {key: IRK, form: command-mac}", with: "identificationCode: \(rule)")
        let faults = #expect(throws: Faults.self) { try KeyHierarchy(DataFile.parse(wrong, file: "hierarchy.yaml")) }
        #expect(faults?.faults.map(\.code.rawValue) == [code])
    }
}
