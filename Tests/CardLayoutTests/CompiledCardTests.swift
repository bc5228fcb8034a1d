import ByteText
import CardData
import CardLayout
import Foundation
import ISO7816
import Testing

@Suite struct CompiledCardTests {
    /// The form `type s1 s2 rr ww FF cc` of the FMCOS manual's CREATE FILE.
    @Test func createFileDataFollowTheManual() throws {
        let card = try Home.compiled("national-2.0")
        func creation(_ directory: String, _ file: String) throws -> String {
            let compiled = try #require(card.directory(directory)?.file(file))
            return try card.profile.creation(of: compiled).data.hexadecimal
        }
        #expect(try creation("SSSE", "EF05") == "2C0040F044FFFF")
        #expect(try creation("SSSE", "EF08") == "2810001144FFFF")
        #expect(try creation("DF04", "EF08") == "2E1E1C32EFFFFF")
        #expect(try creation("DF03", "EF19") == "2A042921BBFFFF")
    }

    @Test func directoryDataFollowTheManual() throws {
        let card = try Home.compiled("national-2.0")
        let environment = try #require(card.directory("SSSE"))
        let size = UInt16(environment.space).hexadecimal
        #expect(
            try card.profile.creation(of: environment).data.hexadecimal
                == "38\(size)FFFF95FFFF7378312E73682EC9E7BBE1B1A3D5CF")
        // Seven keys of 16 bytes and a PIN of 8, each with 8 bytes beside: 7 × 24 + 16 = 184.
        #expect(environment.keyFileSize == 184)
        #expect(try card.profile.creation(ofKeyFileOf: environment).bytes.hexadecimal == "80E00000073F00B895FFFFFF")
        #expect(
            try card.profile.creation(ofMasterFile: card.masterFile)?.bytes.hexadecimal
                == "80E03F000D38FFFFFFFF01FFFFFFFFFFFFFF")
        #expect(try card.profile.erasure()?.bytes.hexadecimal == "800E000000")
    }

    @Test func theInformationFileStatesTheAlgorithm() throws {
        for (layout, algorithm) in [("national-2.0", "860101"), ("national-3.0", "860103")] {
            let environment = try #require(try Home.compiled(layout).directory("SSSE"))
            #expect(environment.informationFile?.identifier == 0x0015)
            #expect(environment.informationFile?.readByte == 0xF0)
            #expect(environment.informationContent.hexadecimal == algorithm)
            #expect(try Home.compiled(layout).directory("DF01")?.informationFile == nil)
        }
    }

    @Test func aDirectoryHoldsWhatLiesBelowIt() throws {
        let card = try Home.compiled("national-2.0")
        let environment = try #require(card.directory("SSSE"))
        let applications = card.directories.dropFirst()
        let below = applications.reduce(0) { $0 + $1.space }
        // Header and name, key file, information file, then the files: sizes with 11 bytes of header each.
        let own = 11 + 15 + (11 + 184) + (11 + 3) + (11 + 64) + (11 + 91) + (11 + 768) + (11 + 4096)
        #expect(environment.space == own + below)
        #expect(card.space == 11 + 11 + 2 * 24 + environment.space)
        #expect(card.space <= card.profile.memorySize)
    }

    @Test func aCardThatIsTooSmallIsRefused() throws {
        let scratch = try ScratchFolder()
        let profile = try scratch.profile("small", "memorySize: 8192")
        let layout = try Home.library.layout(named: "national-2.0")
        let faults = Home.faults { _ = try CompiledCard(layout: layout, profile: profile) }
        #expect(faults.map(\.code) == ["layout.memory"])
        #expect(faults.first?.place?.file.hasSuffix("national-2.0.yaml") == true)
    }

    @Test func singleRecordsCannotBeProtectedWithoutRecordRules() throws {
        let scratch = try ScratchFolder()
        let profile = try scratch.profile("plain", "recordRules: false")
        let layout = try Home.library.layout(named: "national-3.0")
        let faults = Home.faults { _ = try CompiledCard(layout: layout, profile: profile) }
        #expect(faults.map(\.code) == ["layout.record-rule-not-expressible"])
        #expect(faults.first?.place == layout.directory("SSSE")?.file("EF05")?.element("cardNumber")?.place)
        #expect(faults.first?.place?.file.hasSuffix("national-3.0.yaml") == true)
    }

    /// A published WRITE KEY sample: `39 F0 FA AA 88`, master key, 8 tries; with protection the type is F9.
    @Test func keyRecordsHaveTheHeadersOfTheManual() throws {
        let profile = try Home.library.profile(named: "fmcos-ssse")
        let environment = try #require(profile.directories["SSSE"])
        let headers = try environment.keys.map { record in
            let loading = try profile.keyLoading(of: record, isUpdate: false)
            return "\(loading.p2.hexadecimal) \(loading.header.hexadecimal)"
        }
        #expect(
            headers == [
                "00 F9F0FF0F88", "00 F4F0FF0000", "04 F9F0FF0455", "06 F9F0FF0355", "0A F9F0FF0155",
                "00 F6F0FFFF55", "00 F733FFFF55", "00 3AF0EF0266",
            ])
        let sm4 = try Home.library.profile(named: "fmcos-ssse-sm4")
        let internalKey = try #require(sm4.directories["SSSE"]?.keys[1])
        #expect(try sm4.keyLoading(of: internalKey, isUpdate: false).header.hexadecimal == "F4F0FF0004")
        #expect(profile.directories.values.allSatisfy { $0.keys.first?.isMaster == true })
    }
}

extension ScratchFolder {
    /// A profile that extends `fmcos-ssse` by one line.
    func profile(_ name: String, _ line: String) throws -> COSProfile {
        let base = try String(contentsOfFile: Home.path + "/CardLayouts/profiles/fmcos-ssse.yaml", encoding: .utf8)
        _ = try write(base, to: "fmcos-ssse.yaml")
        return try COSProfileReader.read(
            try write("name: \(name)\ntitle: 测试\nextends: fmcos-ssse\n\(line)\n", to: name + ".yaml"))
    }
}
