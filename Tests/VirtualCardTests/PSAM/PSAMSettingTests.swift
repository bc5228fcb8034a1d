import ByteText
import CardCryptography
import CardLayout
import Foundation
import ISO7816
import Testing

@testable import VirtualCard

/// Each setting of a PSAM's profile, with its values, on the module itself (cos-dialects §7).
///
/// Cipher texts and MACs by Python's cryptography, which gives the published MAC 00CE33E6 and the block of GB/T 32907 too.
@Suite struct PSAMSettingTests {
    private static let key = "0123456789ABCDEFFEDCBA9876543210"
    private static let application = "00A4040006D15600000590"

    private static func profile(_ settings: String) throws -> PSAMProfile {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
        try FileManager.default.copyItem(
            atPath: TestProfile.home + "/CardLayouts/profiles", toPath: folder.path)
        defer { try? FileManager.default.removeItem(at: folder) }
        try "name: variant\nextends: psam\n\(settings)\n"
            .write(toFile: folder.path + "/variant.yaml", atomically: true, encoding: .utf8)
        return try PSAMProfileReader.read(folder.path + "/variant.yaml")
    }

    private func module(_ settings: String, challenge: String = "1122334455667788") throws -> VirtualPSAM {
        let module = try VirtualPSAM(
            profile: Self.profile(settings.hasPrefix("transport: ") ? settings : "transport: direct\n" + settings),
            serialNumber: [0x99, 1, 0, 0, 0, 0x81],
            challenges: .fixed(Array(repeating: bytes(challenge), count: 16)))
        module.powerOn()
        return module
    }

    private func send(_ module: VirtualPSAM, _ text: String) throws -> String {
        module.respond(to: try bytes(text)).hexadecimal
    }

    /// Puts a key in as the state file would, and enters the application and the key file.
    private func enter(_ module: VirtualPSAM, use: UInt8, value: String = key, isSM4: Bool = false) throws {
        let algorithm = module.profile.algorithm(isSM4 ? .sm4 : .tripleDES)
        module.memory.put(
            PSAMMemory.Key(
                file: algorithm.keyFile, use: use, identifier: 0x08, version: 0, algorithm: algorithm.code,
                value: try bytes(value)))
        _ = try send(module, Self.application)
        #expect(try send(module, "00A4000002" + algorithm.keyFile.bigEndianBytes.hexadecimal) == "9000")
    }

    // MARK: - The chip

    @Test(arguments: ["3B6C0002009050538649", "3B6C0002008650538649"]) func answerToReset(setting: String) throws {
        #expect(try module("answerToReset: \(setting)").answerToReset.hexadecimal == setting + "990100000081")
    }

    /// E(K, 0011223344556677) comes at once, or 6108 announces it.
    @Test(arguments: ["t0", "direct"]) func transport(setting: String) throws {
        let module = try module("transport: \(setting)")
        try enter(module, use: 0x07)
        _ = try send(module, "801A0708")
        let block = "31A7364CAC91CA399000"
        #expect(try send(module, "80FA0000080011223344556677") == (setting == "t0" ? "6108" : block))
        #expect(try send(module, "00C0000008") == (setting == "t0" ? block : "6700"))
    }

    @Test(arguments: [("D15600000590", "D15600000591"), ("D15600000591", "D15600000590")])
    func application(setting: String, other: String) throws {
        let module = try module("application: \(setting)")
        #expect(try send(module, "00A4040006\(setting)") == "6F088406\(setting)9000")
        #expect(try send(module, "00A4040006\(other)") == "6A82")
    }

    // MARK: - Its master key

    @Test(arguments: [
        ("FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF", "A32AD8ACD20C38FC"), (key, "3EB3B72576BBBE83"),
    ]) func transportKey(setting: String, cryptogram: String) throws {
        let module = try module("transportKey: \(setting)")
        #expect(try send(module, "0084000008") == "11223344556677889000")
        #expect(try send(module, "0082000008" + cryptogram) == "9000")
        _ = try send(module, "0084000008")
        #expect(try send(module, "00820000080011223344556677") == "63C7")
    }

    @Test(arguments: [1, 8, 15]) func masterTries(setting: Int) throws {
        let module = try module("masterTries: \(setting)")
        for left in (0..<setting).reversed() {
            _ = try send(module, "0084000008")
            #expect(try send(module, "00820000080011223344556677") == "63C" + String(left, radix: 16).uppercased())
        }
        _ = try send(module, "0084000008")
        #expect(try send(module, "0082000008A32AD8ACD20C38FC") == "6983")
    }

    // MARK: - Its files

    @Test(arguments: [
        ("{file: 0015, offset: 10, new: 05, sm4From: 05}", "00B0950A01", "05", "9000"),
        ("{file: 0015, offset: 10, new: 04, sm4From: 05}", "00B0950A01", "04", "6A82"),
        ("{file: 0017, offset: 20, new: 07, sm4From: 07}", "00B0971401", "07", "9000"),
        ("{file: 0017, offset: 0, new: 07, sm4From: 08}", "00B0970001", "07", "6A82"),
    ]) func version(setting: String, reading: String, version: String, sm4: String) throws {
        let module = try module("version: \(setting)")
        #expect(try send(module, reading) == version + "9000")
        _ = try send(module, Self.application)
        #expect(try send(module, "00A40000020013") == sm4)
    }

    @Test(arguments: [("0016", "96", "98"), ("0018", "98", "96")])
    func terminalNumberFile(setting: String, place: String, other: String) throws {
        let module = try module("terminalNumberFile: \(setting)")
        #expect(try send(module, "00B0\(place)0006") == "FFFFFFFFFFFF9000")
        #expect(try send(module, "00B0\(other)0006") == "6A82")
    }

    @Test(arguments: [("001A", "9A", "9B"), ("001B", "9B", "9A")])
    func areaFile(setting: String, place: String, other: String) throws {
        let module = try module("areaFile: \(setting)")
        _ = try send(module, Self.application)
        #expect(try send(module, "00B0\(place)0006") == "FFFFFFFFFFFF9000")
        #expect(try send(module, "00B0\(other)0006") == "6A82")
    }

    /// WRITE KEY of one key under the published master key, with four codes in its header; the code says to which file it goes.
    @Test(arguments: [
        ("keyFiles: {3des: 0011, sm4: 0013}", [0x00: 0x11, 0x04: 0x13]),
        ("keyFiles: {3des: 0012, sm4: 0011}", [0x00: 0x12, 0x04: 0x11]),
        ("algorithmCodes: {3des: 01, sm4: 14}", [0x01: 0x11, 0x14: 0x13]),
    ]) func keyFilesAndAlgorithmCodes(setting: String, places: [UInt8: UInt16]) throws {
        for (code, command) in [
            (0x00, "84D4000024F814ACCD9A379BD7CB4E10D71F77E430C80A6DF9A32C82B8A620BB22D3CF4A5A1844F2BC"),
            (0x01, "84D4000024E23A8E6AA58F81E0CB4E10D71F77E430C80A6DF9A32C82B8A620BB22D3CF4A5AC70E1810"),
            (0x04, "84D400002448027E3A7D933C02CB4E10D71F77E430C80A6DF9A32C82B8A620BB22D3CF4A5A2AADAF30"),
            (0x14, "84D4000024FB84B8654CC9A2CCCB4E10D71F77E430C80A6DF9A32C82B8A620BB22D3CF4A5A297327A6"),
        ] as [(UInt8, String)] {
            let module = try module(setting, challenge: "5D72B3FD")
            _ = try send(module, "0084000004")
            #expect(try send(module, command) == (places[code] == nil ? "6A80" : "9000"), "\(code)")
            let loaded = module.memory.keys.first { $0.use == 0x27 }
            #expect(loaded?.file == places[code], "\(code)")
            #expect(try loaded == nil || loaded?.value == bytes(Self.key))
        }
    }

    // MARK: - Its calculations

    /// Two factors under a province's key: the nearest to the card comes first, or last.
    @Test(arguments: [("card-first", "BC905837F6932BFA"), ("province-first", "7764B5855EFF9B4D")])
    func factorOrder(setting: String, answer: String) throws {
        let module = try module("factorOrder: \(setting)")
        try enter(module, use: 0x47)
        #expect(try send(module, "801A47081011111111111111112222222222222222") == "9000")
        #expect(try send(module, "80FA0000080011223344556677") == answer + "9000")
    }

    @Test(arguments: [("8", "DF599BEF6D281C85"), ("16", "298B6958F43F088C")])
    func sessionKeyWidth(setting: String, answer: String) throws {
        let module = try module("sessionKeyWidth: \(setting)")
        try enter(module, use: 0x07)
        #expect(try send(module, "BFDE0708081122334455667788") == "9000")
        #expect(try send(module, "80FA0000080011223344556677") == answer + "9000")
    }

    @Test(arguments: [
        ("complemented", "C09AE7EF370FB395867EAF14BD648D8B"), ("zero-filled", "D3A623532F9DD651117888341A66EC24"),
    ]) func sm4SessionKey(setting: String, answer: String) throws {
        let module = try module("sm4SessionKey: \(setting)")
        try enter(module, use: 0x07, isSM4: true)
        #expect(try send(module, "BFDE0708081122334455667788") == "9000")
        #expect(try send(module, "80FA80001000112233445566778899AABBCCDDEEFF") == answer + "9000")
    }

    /// CARD BLOCK of the paper on COS dialects (§5): a key of zeros, challenge C2F02FFC; its first four bytes are printed there.
    @Test(arguments: [(4, "00CE33E6"), (6, "00CE33E6BE2B"), (8, "00CE33E6BE2BFB15")])
    func macLength(setting: Int, mac: String) throws {
        let module = try module("macLength: \(setting)")
        try enter(module, use: 0x08, value: String(repeating: "0", count: 32))
        _ = try send(module, "801A0808")
        #expect(try send(module, "80FA050010C2F02FFC000000008416000004800000") == mac + "9000")
    }

    @Test(arguments: [32, 64, 240]) func largestCalculation(setting: Int) throws {
        let module = try module("largestCalculation: \(setting)")
        try enter(module, use: 0x07)
        for (count, isTaken) in [(setting, true), (setting + 8, false)] {
            _ = try send(module, "801A0708")
            let command = [0x80, 0xFA, 0x00, 0x00, UInt8(count)] + [UInt8](repeating: 0xA5, count: count)
            #expect(try send(module, command.hexadecimal).count == (isTaken ? 2 * count + 4 : 4), "\(count)")
        }
    }

    /// The block of GB/T 32907 annex A.
    @Test(arguments: [("80", "40"), ("40", "80")]) func sm4CalculationBit(setting: String, other: String) throws {
        let module = try module("sm4CalculationBit: \(setting)")
        try enter(module, use: 0x07, isSM4: true)
        _ = try send(module, "801A0708")
        #expect(try send(module, "80FA\(setting)0010" + Self.key) == "681EDF34D206965E86B3E94F536E42469000")
        #expect(try send(module, "80FA\(other)0010" + Self.key) == "6A86")
    }
}
