import ByteText
import CardCryptography
import CardLayout
import Foundation
import ISO7816
import Testing

@testable import VirtualCard

/// A PSAM spoken to by hand.
@Suite struct VirtualPSAMTests {
    private let profile: PSAMProfile

    init() throws {
        let home = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appending(path: "../../..")
            .standardizedFileURL.path
        profile = try LayoutLibrary(home: home).psamProfile(named: "psam")
    }

    private func module(_ challenges: [[UInt8]] = []) throws -> VirtualPSAM {
        let source = challenges.isEmpty ? ChallengeSource.random : .fixed(challenges)
        let module = try VirtualPSAM(
            profile: profile, serialNumber: [0x99, 1, 0, 0, 0, 0x81], challenges: source)
        module.powerOn()
        return module
    }

    private func bytes(_ text: String) throws -> [UInt8] { try #require([UInt8](hexadecimal: text)) }

    /// Sends a command and fetches what waits; the answer with its status word, in hexadecimal.
    private func send(_ module: VirtualPSAM, _ text: String) throws -> String {
        let answer = module.respond(to: try bytes(text))
        guard answer.count == 2, answer[0] == 0x61 else { return answer.hexadecimal }
        return module.respond(to: [0x00, 0xC0, 0x00, 0x00, answer[1]]).hexadecimal
    }

    /// Puts a key in as the state file would.
    private func put(
        _ module: VirtualPSAM, use: UInt8, identifier: UInt8, value: String, algorithm: UInt8 = 0
    ) throws {
        let file = algorithm == profile.sm4.code ? profile.sm4.keyFile : profile.tripleDES.keyFile
        module.memory.put(
            PSAMMemory.Key(
                file: file, use: use, identifier: identifier, version: 0, algorithm: algorithm,
                value: try bytes(value)))
    }

    // MARK: - Published values

    /// The WRITE KEY of a PSAM with its master key, challenge, cipher and MAC (the paper on COS dialects, section 5).
    @Test func `a published WRITE KEY brings its key in`() throws {
        let module = try module([bytes("5D72B3FD")])
        let published = "00112233445566778899AABBCCDDEEFF"
        module.memory.put(
            PSAMMemory.Key(file: 0, use: 0, identifier: 0, version: 0, algorithm: 0, value: try bytes(published)))
        #expect(try send(module, "0084000004") == "5D72B3FD9000")
        let command = "84D400001CDCC0BB5793ABFCA2CA8C1624822F6E01A86A0B5CBED191DD8A9D4ADB"
        #expect(try send(module, command) == "9000")
        let key = try #require(module.memory.key(in: profile.tripleDES.keyFile, use: 0x22, identifier: 0))
        #expect(try key.value == bytes(published))
    }

    /// Diversified under the published example, then one block: E of the diversified key, which the vector gives.
    @Test(arguments: [
        ("70E9BEA697723DF83605EBBCB7C2C7C4", "1998081700000030", "C8F0AA9765F6755FC1784BB1F3559F89"),
        ("D3D6E8836832FDD4706D0671BB8BD28B", "1998081700000030", "AAB15E015AD3AD2DC520583AAD8562C4"),
        ("00112233445566778899AABBCCDDEEFF", "1122334455667788", "496BD7A3513644533100B54E71196528"),
    ])
    func `80 1A diversifies as published`(master: String, factor: String, derived: String) throws {
        let module = try module()
        try put(module, use: 0x27, identifier: 0x08, value: master)
        #expect(try send(module, "00A4040006D15600000590").hasSuffix("9000"))
        #expect(try send(module, "801A270808" + factor) == "9000")
        let data = "0011223344556677"
        let expected = try BlockCipherKey(.tripleDES, bytes(derived)).encrypt(bytes(data))
        #expect(try send(module, "80FA000008" + data) == expected.hexadecimal + "9000")
    }

    /// MCOS CARD BLOCK of the paper on COS dialects, section 5: key of zeros, challenge C2F02FFC, MAC 00CE33E6; and a real
    /// card's UPDATE BINARY of 30 bytes under 36×16, challenge A3BBCFC8.
    @Test(arguments: [
        ("00000000000000000000000000000000", "C2F02FFC", "8416000004", "00CE33E6"),
        (
            "36363636363636363636363636363636", "A3BBCFC8",
            "04D6950022000122000001FFFF01010000220000000000000620160101205012310000", "96E32EF1"
        ),
    ])
    func `80 FA makes the published MACs, in one part and in several`(
        key: String, challenge: String, message: String, mac: String
    ) throws {
        let module = try module()
        // kind 8 without a level: the key itself
        try put(module, use: 0x08, identifier: 0x20, value: key)
        _ = try send(module, "00A4040006D15600000590")
        var padded = try bytes(challenge + "00000000" + message) + [0x80]
        while padded.count % 8 != 0 { padded.append(0) }
        #expect(try send(module, "801A0820") == "9000")
        let whole = [0x80, 0xFA, 0x05, 0x00, UInt8(padded.count)] + padded
        #expect(try send(module, whole.hexadecimal) == mac + "9000")
        let parts = stride(from: 0, to: padded.count, by: 16).map { Array(padded[$0..<min($0 + 16, padded.count)]) }
        for (index, part) in parts.enumerated() where parts.count > 1 {
            let isLast = index == parts.count - 1
            let p1: UInt8 = index == 0 ? 0x07 : isLast ? 0x01 : 0x03
            let answer = try send(module, ([0x80, 0xFA, p1, 0x00, UInt8(part.count)] + part).hexadecimal)
            #expect(answer == (isLast ? mac + "9000" : "9000"))
        }
    }

    // MARK: - What it refuses

    @Test func `keys are used for their kind, under their whole use byte, and in their application`() throws {
        let module = try module()
        let value = "00112233445566778899AABBCCDDEEFF"
        for use: UInt8 in [0x22, 0x26, 0x27, 0x2C] { try put(module, use: use, identifier: 0x30, value: value) }
        let factor = "1122334455667788"
        #expect(try send(module, "801A273008" + factor) == "6985", "outside the application")
        _ = try send(module, "00A4040006D15600000590")
        #expect(try send(module, "80FA0000081122334455667788") == "6985", "without a key")
        #expect(try send(module, "801A223008" + factor) == "6985", "purchase")
        #expect(try send(module, "801A2C3008" + factor) == "6985", "TAC")
        #expect(try send(module, "801A473010" + factor + factor) == "6A88", "another number of levels")
        #expect(try send(module, "801A273010" + factor + factor) == "6700", "a factor too many")
        #expect(try send(module, "801A263008" + factor) == "9000")
        #expect(try send(module, "80FA0000081122334455667788") == "6985", "a MAC key does not encipher")
        #expect(try send(module, "801A273008" + factor) == "9000")
        #expect(try send(module, "80FA0100081122334455667788") == "6985", "an encryption key makes no MAC")
        #expect(try send(module, "80FA8000081122334455667788") == "6A86", "SM4's P1 with a 3DES key")
        #expect(try send(module, "80FA000007112233445566FF") == "6700")
        let long = String(repeating: "00", count: 72)
        #expect(try send(module, "80FA000048" + long) == "6700", "more than 64 bytes")
    }

    @Test func `what was made ready is gone after reset, selection and another key`() throws {
        let module = try module()
        try put(module, use: 0x27, identifier: 0x08, value: "00112233445566778899AABBCCDDEEFF")
        let application = "00A4040006D15600000590"
        let calculation = "80FA0000081122334455667788"
        for forget in ["00A4040006D15600000590", "801A270908" + "1122334455667788", "00A40000020013"] {
            _ = try send(module, application)
            #expect(try send(module, "801A2708081122334455667788") == "9000")
            #expect(try send(module, calculation).hasSuffix("9000"))
            _ = try send(module, forget)
            #expect(try send(module, calculation) == "6985", "\(forget)")
        }
        _ = try send(module, application)
        #expect(try send(module, "801A2708081122334455667788") == "9000")
        module.reset()
        _ = try send(module, application)
        #expect(try send(module, calculation) == "6985")
    }

    @Test func `a key comes in by the master key only, and the tries of that are counted`() throws {
        let module = try module()
        let header = "84D4001124" + String(repeating: "00", count: 36)
        #expect(try send(module, header) == "6985", "no challenge")
        for left in stride(from: profile.masterTries - 1, through: 0, by: -1) {
            _ = try send(module, "0084000004")
            #expect(try send(module, header) == "6988")
            #expect(module.memory.masterTriesLeft == left)
        }
        _ = try send(module, "0084000004")
        #expect(try send(module, header) == "6983")
        #expect(module.memory.keys.count == 1)
    }

    @Test func `files are written after the master key was proved, and keys are never read`() throws {
        let module = try module()
        #expect(try send(module, "00D6960006990100000081") == "6982")
        let challenge = try #require([UInt8](hexadecimal: send(module, "0084000008"))).dropLast(2)
        let proof = try CardCryptogram.plainCryptogram(
            key: profile.transportKey, cipher: .tripleDES, challenge: Array(challenge))
        #expect(try send(module, "0082000008" + proof.hexadecimal) == "9000")
        #expect(try send(module, "00D6960006990100000081") == "9000")
        #expect(try send(module, "00B0960006") == "9901000000819000")
        _ = try send(module, "00A4040006D15600000590")
        _ = try send(module, "00A40000020011")
        #expect(try send(module, "00B0000010") == "6981")
    }

    @Test func `versions below 05 know no SM4`() throws {
        let module = try module()
        let key = "0123456789ABCDEFFEDCBA9876543210"
        try put(module, use: 0x07, identifier: 0x08, value: key, algorithm: 0x04)
        _ = try send(module, "00A4040006D15600000590")
        #expect(try send(module, "00A40000020013") == "9000")
        #expect(try send(module, "801A0708") == "9000")
        // GB/T 32907 annex A: the key enciphers itself to this
        #expect(try send(module, "80FA800010" + key) == "681EDF34D206965E86B3E94F536E42469000")
        module.memory.files[profile.version.file]?[profile.version.offset] = 0x04
        _ = try send(module, "00A4040006D15600000590")
        #expect(try send(module, "00A40000020013") == "6A82")
    }

    // MARK: - State file

    @Test func `the state file keeps everything, and a changed byte is noticed`() throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let path = folder.path + "/a.psam"
        try VirtualPSAM.makeBlank(profile: profile, serialNumber: [0x99, 1, 0, 0, 0, 1], stateFile: path)
        #expect(throws: StateFileError.existsAlready(path)) {
            try VirtualPSAM.makeBlank(profile: profile, serialNumber: [0x99, 1, 0, 0, 0, 1], stateFile: path)
        }
        let first = try #require(try VirtualPSAM.open(stateFile: path) { _ in profile })
        first.powerOn()
        _ = try send(first, "0084000004")
        #expect(try send(first, "84D4001124" + String(repeating: "00", count: 36)) == "6988")
        let second = try #require(try VirtualPSAM.open(stateFile: path) { _ in profile })
        #expect(second.memory == first.memory)
        #expect(second.memory.masterTriesLeft == profile.masterTries - 1, "a wrong try is counted before it is told")
        let content = try [UInt8](Data(contentsOf: URL(filePath: path)))
        for index in content.indices where index >= 4 {
            var changed = content
            changed[index] ^= 0x01
            try Data(changed).write(to: URL(filePath: path))
            #expect(throws: StateFileError.self, "byte \(index)") {
                try VirtualPSAM.open(stateFile: path) { _ in profile }
            }
        }
    }

    /// Whatever comes in, two bytes at least come out, and no key of the module.
    @Test func `random commands get answers and no keys`() throws {
        var generator = SplitMix(state: 0x5341_4D31)
        let module = try module()
        let secret = "00112233445566778899AABBCCDDEEFF"
        try put(module, use: 0x27, identifier: 0x08, value: secret)
        let pairs: [(UInt8, UInt8)] = [
            (0x00, 0xA4), (0x00, 0xB0), (0x00, 0xD6), (0x00, 0x84), (0x00, 0x82), (0x84, 0xD4), (0x80, 0x1A),
            (0xBF, 0xDE), (0x80, 0xFA), (0x00, 0xC0),
        ]
        for round in 0..<5000 {
            let (cla, ins) = pairs[Int(generator.next() % UInt64(pairs.count))]
            let count = Int(generator.next() % 41)
            var command = [cla, ins] + (0..<3).map { _ in UInt8(truncatingIfNeeded: generator.next()) }
            if count > 0 {
                command[4] = UInt8(count)
                command += (0..<count).map { _ in UInt8(truncatingIfNeeded: generator.next()) }
            }
            let answer = module.respond(to: command)
            #expect(answer.count >= 2, "round \(round)")
            #expect(!answer.hexadecimal.contains(secret), "round \(round)")
        }
    }
}

/// A repeatable sequence.
private struct SplitMix {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var value = state
        value = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
        value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
        return value ^ (value >> 31)
    }
}
