import ByteText
import CardLayout
import Foundation
import ISO7816
import Testing

/// The creation commands of each maker, against the forms that cos-dialects §3 and §4 print.
@Suite struct MakerCommandTests {
    private func compiled(_ profile: String) throws -> CompiledCard {
        try Home.library.compiledCard(named: "national-2.0@" + profile)
    }

    private func file(_ card: CompiledCard, _ directory: String, _ name: String) throws -> String {
        let file = try #require(card.directory(directory)?.file(name))
        return try card.profile.creation(of: file).bytes.hexadecimal
    }

    private func keys(_ card: CompiledCard, isUpdate: Bool) throws -> [String] {
        try #require(card.directory("SSSE")).security.keys.map { record in
            let loading = try card.profile.keyLoading(of: record, isUpdate: isUpdate)
            return [loading.p1, loading.p2].hexadecimal + " " + loading.header.hexadecimal
        }
    }

    /// §3.4: F9, id 00, use F0, change AA, next 0A, counter 33, then WATCHDATATimeCOS; updates carry the key alone (§4.3); DF
    /// information ends in FF and names the application file in the key file only.
    @Test func timeCOS() throws {
        let card = try compiled("timecos")
        let master = try #require(card.masterFile.security.masterKey)
        #expect(
            try card.profile.transportKeyLoading(of: master)?.bytes.hexadecimal
                == "80D4010015F9F0AA0A33" + Data("WATCHDATATimeCOS".utf8).map { String(format: "%02X", $0) }.joined())
        let environment = try #require(card.directory("SSSE"))
        #expect(try card.profile.creation(of: environment).data[5] == 0xFF)
        #expect(try card.profile.creation(ofKeyFileOf: environment).data[3] == 0x95)
        #expect(try card.profile.creation(ofMasterFile: card.masterFile) == nil)
        #expect(try keys(card, isUpdate: true)[0] == "3900 ")
    }

    /// §3.7: CREATE EF has sixteen bytes of data, CREATE DF sixteen and the name, a key header eight; keys have types 00, 01, 07,
    /// 0D and 0E; the end is 80 E0 02 00 00.
    @Test func t514() throws {
        let card = try compiled("t514")
        #expect(try file(card, "SSSE", "EF05") == "80E00100100000000040EF05C60005000000000044")
        #expect(try file(card, "DF02", "EF07").hasPrefix("80E001001000000001") == true)
        let environment = try #require(card.directory("SSSE"))
        #expect(try card.profile.creation(of: environment).data.count == 16 + 15)
        #expect(try card.profile.creation(ofMasterFile: card.masterFile)?.data.count == 16)
        #expect(try keys(card, isUpdate: false)[0] == "0000 000000EF88000F10")
        #expect(try keys(card, isUpdate: false)[2] == "0000 0D0400EF55000410")
        #expect(card.profile.paddedKeyLength(isUpdate: false) == 16)
        #expect(try card.profile.directoryEnd()?.bytes.hexadecimal == "80E0020000")
        #expect(
            try card.profile.recordUpdate(1, of: #require(card.directory("SSSE")?.file("EF06")?.file), [8, 0]).ins
                == 0xD2)
    }

    /// §3.6: P2 names the kind of file; a transparent file has thirteen bytes of data, variable and cyclic ones fourteen, fixed
    /// ones fifteen; a security file eight; a key header eight; BF CE clears and BF FE freezes.
    @Test func mcos() throws {
        let card = try compiled("mcos")
        for (directory, name, kind, count) in [
            ("SSSE", "EF08", "03", 0x0D), ("SSSE", "EF05", "05", 0x0E), ("DF02", "EF07", "07", 0x0E),
            ("DF03", "EF19", "04", 0x0F),
        ] {
            let command = try file(card, directory, name)
            #expect(command.hasPrefix("80E000\(kind)" + [UInt8(count)].hexadecimal), "\(name)")
        }
        #expect(try card.profile.creation(ofKeyFileOf: card.masterFile).data.count == 8)
        // FCI names the file that SELECT answers from by its short identifier, 15, or none
        let environment = try #require(card.directory("SSSE"))
        let creation = try card.profile.creation(of: environment)
        let (identifier, space) = (environment.identifier.hexadecimal, UInt16(environment.space).hexadecimal)
        let right = [environment.security.createRight].hexadecimal
        let text = creation.bytes.hexadecimal
        #expect(text.hasPrefix("80E00001"))
        #expect(text.dropFirst(10).hasPrefix("\(identifier)\(space)0000000015\(right)000033"))
        #expect(try card.profile.creation(of: #require(card.directory("DF01"))).data[8] == 0x00)
        #expect(try card.profile.creation(ofMasterFile: card.masterFile)?.data[6] == 0x00)
        #expect(try keys(card, isUpdate: false)[2] == "0001 0004000000005504")
        #expect(try keys(card, isUpdate: true)[0] == "0101 010000")
        #expect(try card.profile.erasure()?.bytes.hexadecimal == "BFCE0000")
        #expect(try card.profile.cardEnd()?.bytes.hexadecimal == "BFFE0000")
    }

    /// What a template has filled it finds again.
    @Test(arguments: ["fmcos-ssse", "timecos", "t514", "mcos"]) func templatesReadWhatTheyWrite(name: String) throws {
        let card = try compiled(name)
        let template = try #require(card.profile.commands[.createFile])
        let file = try #require(card.directory("DF03")?.file("EF19"))
        let values = try #require(template.values(of: card.profile.creation(of: file)))
        #expect(values[.identifier] == [0xEF, 0x19])
        #expect(values[.write] == [file.writeByte])
        #expect(template.values(of: CommandAPDU(0x00, 0xA4, 0x00, 0x00)) == nil)
    }

    /// Every setting marked as inferred stands in the table of the profiles' own page, wherever it is nested, and
    /// so does what the hierarchy of keys infers.
    @Test func whatIsInferredIsToldInTheTable() throws {
        let folder = Home.path + "/CardLayouts/profiles"
        let rows = try String(contentsOfFile: folder + "/README.md", encoding: .utf8).split(separator: "\n")
            .filter { $0.hasPrefix("|") }
        let files = try FileManager.default.contentsOfDirectory(atPath: folder).filter { $0.hasSuffix(".yaml") }
            .map { folder + "/" + $0 }
        let settings = try Set((files + [Home.path + "/Keys/hierarchy.yaml"]).flatMap(inferredSettings))
        #expect(settings.count > 25 && settings.contains { $0.count > 1 })
        for path in settings {
            // a right of a key record is told by the row of the mapping as a whole
            let told = path.first == "directories" ? ["directories"] : path
            let whole = "`" + told.joined(separator: ": ") + "`"
            let isTold = rows.contains { row in
                row.contains(whole) || [told.first, told.last].allSatisfy { row.contains("`\($0 ?? "")`") }
            }
            #expect(isTold, "\(path.joined(separator: ": "))")
        }
    }

    /// The settings of a file that are marked as inferred, each by the keys that lead to it.
    private func inferredSettings(_ file: String) throws -> [[String]] {
        var path: [(indent: Int, key: String)] = []
        var found: [[String]] = []
        for line in try String(contentsOfFile: file, encoding: .utf8).split(separator: "\n") {
            let indent = line.prefix { $0 == " " }.count
            let text = line.dropFirst(indent)
            guard let end = text.firstIndex(of: ":"), !text.hasPrefix("#"), !text.hasPrefix("-") else { continue }
            path.removeAll { $0.indent >= indent }
            path.append((indent, String(text[..<end])))
            if line.contains("[inferred]") { found.append(path.map(\.key)) }
        }
        return found
    }
}
