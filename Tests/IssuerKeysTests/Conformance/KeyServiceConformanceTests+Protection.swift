import ByteText
import CardCryptography
import CardData
import Foundation
import ISO7816
import Testing

@testable import IssuerKeys

/// Protected commands and answers, and PIN commands.
extension KeyServiceConformanceTests {
    static let protections: [LineProtection] = [
        .init(.mac), .init(.mac, keyForm: .sessionKey(width: 8)), .init(.mac, keyForm: .sessionKey(width: 16)),
        .init(.encipheredWithMAC), .init(.encipheredWithMAC, keyForm: .sessionKey(width: 8)),
        .init(.encipheredWithMAC, keyForm: .sessionKey(width: 16), readForm: .counted),
        .init(.mac, sm4: form), .init(.encipheredWithMAC, sm4: form),
    ]
    /// What a profile may say of SM4, with the four bytes that modules give; of DES it changes nothing.
    static let form = SM4LineForm(
        initialValue: .complemented, macPadding: .whenNeeded, dataPadding: .always)

    @Test(arguments: KeyBackEnd.computing)
    func `protected commands and answers in every form`(trial: KeyBackEnd.Trial) throws {
        let card = card(trial.algorithm)
        let hierarchy = try enciphering("STKDF01")
        let service = try trial.backEnd.service(.city, hierarchy)
        let key = try key("STKDF01", card)
        let challenge: [UInt8] = [8, 7, 6, 5, 4, 3, 2, 1]
        for protection in Self.protections {
            let exchange = ProtectedExchange(
                key: issuer("STKDF01"), card: card, challenge: challenge, protection: protection)
            let isWide = trial.algorithm == .tripleDES && protection.keyForm == .sessionKey(width: 16)
            if isWide {
                let probe = try answered(by: trial.backEnd, .wideSessionKeys, "STKDF01") {
                    try service.protect(CommandAPDU(0x00, 0xDC, 1, 0x2C, data: [1]), by: exchange)
                }
                guard probe != nil else { continue }
            }
            // Before the card is asked it is known that what is written can be enciphered, and whether what is read can be deciphered.
            let line = issuer("STKDF01")
            try service.check(.lineProtection(protection.mode, line), of: card)
            _ = try answered(by: trial.backEnd, .reading(protection.mode), "STKDF01") {
                try service.check(
                    protection.mode == .mac ? .lineProtection(.mac, line) : .encipheredReading(line), of: card)
            }
            for count in [1, 7, 8, 15, 16, 40] {
                let data = (0..<count).map { UInt8($0) }
                let command = try CommandAPDU(0x00, 0xDC, 1, 0x2C, data: data)
                let protected = try service.protect(command, by: exchange)
                #expect(
                    try protection.unprotect(
                        key: key, cipher: cipher(card), header: [0x04, 0xDC, 1, 0x2C], field: protected.data,
                        isRead: false, challenge: challenge) == data)
                let reading = try CommandAPDU(0x00, 0xB2, 1, 0x2C, expectedLength: count)
                let asked = try service.protect(reading, by: exchange)
                #expect(asked.bytes.prefix(4) == [0x04, 0xB2, 1, 0x2C])
                var answer = try protection.protectAnswer(
                    key: key, cipher: cipher(card), plain: data, challenge: challenge)
                let opened = try answered(by: trial.backEnd, .reading(protection.mode), "STKDF01") {
                    try service.unprotect(answer, to: reading, by: exchange)
                }
                guard let opened else { continue }
                #expect(opened == data)
                answer[0] ^= 1
                #expect(try service.unprotect(answer, to: reading, by: exchange) == nil)
                #expect(try service.unprotect([1, 2, 3], to: reading, by: exchange) == nil)
            }
        }
    }

    @Test(arguments: KeyBackEnd.computing)
    func `PIN commands`(trial: KeyBackEnd.Trial) throws {
        let card = card(trial.algorithm)
        let service = try trial.backEnd.service(.city, hierarchy)
        let key = try key("STK", card)
        let challenge: [UInt8] = [8, 7, 6, 5, 4, 3, 2, 1]
        let keyForms: [(LineProtection.KeyForm, SM4LineForm)] = [
            (.cardKey, .published), (.sessionKey(width: 8), .published), (.sessionKey(width: 16), .published),
            (.cardKey, Self.form), (.sessionKey(width: 8), Self.form),
        ]
        for (keyForm, sm4) in keyForms {
            let protection = LineProtection(.encipheredWithMAC, keyForm: keyForm, sm4: sm4)
            func carried(_ act: PINCommandRequest.Act) throws -> [UInt8] {
                let command = try service.pinCommand(
                    PINCommandRequest(
                        act, key: issuer("STK"), card: card, challenge: challenge, keyForm: keyForm, sm4: sm4))
                return try protection.unprotect(
                    key: key, cipher: cipher(card), header: Array(command.bytes.prefix(4)), field: command.data,
                    isRead: false, challenge: challenge)
            }
            if trial.algorithm == .tripleDES, keyForm == .sessionKey(width: 16) {
                let probe = try answered(by: trial.backEnd, .wideSessionKeys, "STK") { try carried(.unblock) }
                guard probe != nil else { continue }
            }
            #expect(try carried(.reset(pin, p1: 1, p2: 0)) == [0x73, 0x91, 0x46])
            #expect(try carried(.unblock) == [])
        }
        guard trial.algorithm == .tripleDES else { return }
        let reload = try answered(by: trial.backEnd, .reloadPIN, "STK") {
            try service.pinCommand(PINCommandRequest(.reload(pin, identifier: 0), key: issuer("STK"), card: card))
        }
        if let reload {
            #expect(
                try reload.data
                    == [0x73, 0x91, 0x46] + CardCryptogram.reloadMAC(key: key, pin: [0x73, 0x91, 0x46]))
        }
    }
}
