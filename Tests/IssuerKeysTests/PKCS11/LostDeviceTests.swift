import CardCryptography
import Foundation
import Testing

@testable import IssuerKeys

/// A module that crashes, hangs or loses its device while cards are being made, and one that locks its PIN.
@Suite struct LostDeviceTests {
    /// A token behind a module that fails on demand.
    private struct FaultyToken {
        let token: TestToken
        let fault: URL
        let logins: URL

        init(patience: Int32 = 60_000) throws {
            let folder = FileManager.default.temporaryDirectory.appending(path: "sscard-fault-\(UUID().uuidString)")
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
            fault = folder.appending(path: "fault")
            logins = folder.appending(path: "logins")
            let module = folder.appending(path: "fault_module.so")
            let compiler = Process()
            compiler.executableURL = URL(filePath: "/usr/bin/env")
            compiler.arguments = [
                "cc", "-shared", "-fPIC", "-o", module.path,
                Surroundings.home.appending(path: "Fixtures/pkcs11/fault_module.c").path, "-ldl",
            ]
            try compiler.run()
            compiler.waitUntilExit()
            #expect(compiler.terminationStatus == 0)
            token = try TestToken(
                modulePath: module.path,
                environment: ["SSCARD_TOKEN_FAULT": fault.path, "SSCARD_TOKEN_LOGINS": logins.path], channels: 2,
                patience: patience)
            let whole = try KeyBackEnd.keySet(.city)
            var set = try KeySet(name: "small", level: .city, area: "990100", root: whole.root)
            let held = try #require(whole[.init(name: KeyName(rawValue: "IRK"), algorithm: .tripleDES)])
            try set.insert(held.withSpan { SecretBytes(copying: $0) }, as: KeyName(rawValue: "IRK"), .tripleDES)
            _ = try token.loaded(set)
        }

        func fail(_ word: String) throws { try Data(word.utf8).write(to: fault) }

        var loginCount: Int { get throws { try Data(contentsOf: logins).count } }
    }

    private func checkValue(_ service: TokenKeyService, card number: UInt8) throws -> KeyCheckValue {
        let card = CardKeyContext(
            algorithm: .tripleDES, area: "990100", cardFactor: [0x86, 0x49, 0, 0, 0, 0, 0, number])
        return try service.keyCheckValue(of: .issuer(KeyName(rawValue: "IRK")), card: card)
    }

    private func loss(_ body: () throws -> Void) -> String? {
        do {
            try body()
            return nil
        } catch CardKeyError.token(.lost(let reason)) {
            return reason
        } catch {
            return "another error: \(error)"
        }
    }

    @Test func `a module that crashes is a lost device and not our end`() throws {
        let faulty = try FaultyToken()
        let service = try faulty.token.service()
        let value = try checkValue(service, card: 1)
        try faulty.fail("crash")
        #expect(loss { _ = try checkValue(service, card: 2) } == "module process ended by signal 6")
        try FileManager.default.removeItem(at: faulty.fault)
        // lost for this service, whatever the device does now; a new one finds everything as it was
        #expect(loss { _ = try checkValue(service, card: 1) } == "module process ended by signal 6")
        #expect(try checkValue(faulty.token.service(), card: 1) == value)
    }

    @Test func `a process that is killed in the middle of a batch is a lost device for every thread`() async throws {
        let faulty = try FaultyToken()
        let service = try faulty.token.service()
        let losses = await withTaskGroup(of: String?.self) { group in
            for lane in 0..<3 {
                group.addTask {
                    for number in 0..<UInt8.max {
                        if lane == 0 && number == 20 { kill(service.process.identifier, SIGKILL) }
                        if let reason = loss({ _ = try checkValue(service, card: number) }) { return reason }
                    }
                    return nil
                }
            }
            return await group.reduce(into: [String?]()) { $0.append($1) }
        }
        #expect(losses == [String?](repeating: "module process was killed or gave no answer", count: 3))
    }

    @Test func `a device that gives no answer is given up after the patience that was set`() throws {
        let faulty = try FaultyToken(patience: 2_000)
        let service = try faulty.token.service()
        try faulty.fail("hang")
        #expect(loss { _ = try checkValue(service, card: 1) } == "module process was killed or gave no answer")
    }

    @Test func `a device that comes back is logged in to, its keys are found, the operation is done`() throws {
        let faulty = try FaultyToken()
        let service = try faulty.token.service()
        let value = try checkValue(service, card: 1)
        let before = try faulty.loginCount
        try faulty.fail("lose-once")
        _ = try checkValue(service, card: 2)
        #expect(try faulty.loginCount == before + 1)
        #expect(try checkValue(service, card: 1) == value)
        #expect(!FileManager.default.fileExists(atPath: faulty.fault.path))
    }

    /// The token counts, and tells: the PIN that would lock it is not presented, and the officer's is not either.
    @Test func `a PIN whose last try the token tells of is presented only where two officers let it be`() throws {
        let faulty = try FaultyToken()
        let (location, launcher) = (faulty.token.location, faulty.token.launcher)
        let before = try faulty.loginCount
        try faulty.fail("final-try")
        #expect(throws: TokenFailure.lastPINTry) { try faulty.token.open() }
        #expect(throws: TokenFailure.lastPINTry) { try Token.look(for: location, launcher: launcher) }
        #expect(try faulty.loginCount == before)
        try Token.look(for: location, launcher: launcher, spendsLastTry: true)
        let opened = try Token(
            location, pin: TestToken.secret(TestToken.userPIN), launcher: launcher, spendsLastTry: true)
        #expect(try opened.contents != nil && faulty.loginCount == before + 1)
        try faulty.fail("final-so")
        #expect(throws: TokenFailure.lastPINTry) {
            try Token.initialize(
                TokenLocation(label: "other", modulePath: location.modulePath),
                officerPIN: TestToken.secret(TestToken.officerPIN), userPIN: TestToken.secret(TestToken.userPIN),
                launcher: launcher)
        }
        #expect(try faulty.loginCount == before + 1)
    }

    @Test func `a device that comes back and tells of a last try is not logged in to again`() throws {
        let faulty = try FaultyToken()
        let service = try faulty.token.service()
        let before = try faulty.loginCount
        try faulty.fail("lose-final")
        #expect(throws: CardKeyError.token(.lastPINTry)) { try checkValue(service, card: 2) }
        #expect(try faulty.loginCount == before)
    }

    @Test func `a device that stays away is lost, and no PIN is presented to it`() throws {
        let faulty = try FaultyToken()
        let service = try faulty.token.service()
        let before = try faulty.loginCount
        try faulty.fail("lose")
        let reason = loss { _ = try checkValue(service, card: 1) }
        #expect(reason?.contains("C_OpenSession") == true)
        #expect(try faulty.loginCount == before)
    }
}
