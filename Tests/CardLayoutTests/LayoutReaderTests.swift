import CardData
import CardLayout
import Foundation
import Testing

@Suite struct LayoutReaderTests {
    @Test func anExtendingLayoutChangesOnlyWhatItNames() throws {
        let base = try Home.library.layout(named: "national-2.0")
        let layout = try Home.library.layout(named: "national-3.0")
        #expect(layout.specificationVersion == "3.00")
        #expect(layout.directories.map(\.name) == base.directories.map(\.name))
        let number = try #require(layout.directory("SSSE")?.file("EF05")?.element("cardNumber"))
        #expect(number.read == .key("RKSSSE"))
        #expect(number.tag == 0x07 && number.length == 9 && number.format == .cardNumber && number.mandatory)
        #expect(number.place.file.hasSuffix("national-3.0.yaml"))
        #expect(layout.directory("DF04") == base.directory("DF04"))
    }

    @Test func aRegionAddsFilesAndElements() throws {
        let scratch = try ScratchFolder()
        let national = try String(contentsOfFile: Home.path + "/CardLayouts/national-2.0.yaml", encoding: .utf8)
        _ = try scratch.write(national, to: "national-2.0.yaml")
        let path = try scratch.write(
            """
            name: region
            title: 某市社会保障卡
            extends: national-2.0
            directories:
              SSSE:
                files:
                  EF0D:
                    title: 人员识别
                    structure: variable-record
                    read: free
                    write: UKSSSE
                    elements:
                      recognitionCode: {tag: EA, title: 人员识别码, type: an, length: 0C}
              DF01:
                files:
                  EF08:
                    elements:
                      spouseName: {tag: EB, title: 配偶姓名, type: an, length: 1E}
            """, to: "region.yaml")
        let layout = try LayoutReader.read(path)
        #expect(layout.directory("SSSE")?.files.map(\.name) == ["EF05", "EF06", "EF07", "EF08", "EF0D"])
        #expect(layout.directory("DF01")?.file("EF08")?.elements.map(\.name) == ["maritalStatus", "spouseName"])
        let profile = try Home.library.profile(named: "fmcos-ssse")
        #expect(try CompiledCard(layout: layout, profile: profile).directory("SSSE")?.file("EF0D")?.writeByte == 0x44)
    }

    /// In both languages, in Chinese alone as before, or wrongly.
    @Test func aLayoutHasATitleForWhoeverReadsIt() throws {
        let library = Home.library
        let national = try library.layout(named: "national-2.0")
        #expect(national.title(in: .chinese) == "社会保障卡（2.0 版规范）")
        #expect(national.title(in: .english) == "Social security card (specification 2.00)")
        let titles = try library.layoutNames.map { try library.layout(named: $0).englishTitle }
        #expect(!titles.contains(nil) && Set(titles).count == titles.count, "each has one of its own")
        let scratch = try ScratchFolder()
        let text = try String(contentsOfFile: Home.path + "/CardLayouts/national-2.0.yaml", encoding: .utf8)
        let line = try #require(text.split(separator: "\n").first { $0.hasPrefix("title:") })
        func read(_ title: String) throws -> CardLayout {
            try LayoutReader.read(
                scratch.write(text.replacing(line, with: "title: " + title), to: "national-2.0.yaml"))
        }
        let chinese = try read("社会保障卡")
        #expect((chinese.title, chinese.englishTitle) == ("社会保障卡", nil))
        #expect(chinese.title(in: .english) == "national-2.0", "its name, where nothing else is said")
        #expect(Home.faults { _ = try read("{zh: 卡, fr: carte}") }.map(\.code).contains("data-file.unknown-key"))
        let schema = try JSONEncoder().encode(ContentSchema(national))
        #expect(String(decoding: schema, as: UTF8.self).contains("Social security card (specification 2.00)"))
    }

    @Test func circlesAndStrayNamesAreRefused() throws {
        let scratch = try ScratchFolder()
        let first = try scratch.write("name: a\nextends: b\n", to: "a.yaml")
        _ = try scratch.write("name: b\nextends: a\n", to: "b.yaml")
        let own = try scratch.write("name: c\nextends: c\n", to: "c.yaml")
        let outside = try scratch.write("name: d\nextends: ../a\n", to: "d.yaml")
        let other = try scratch.write("name: else\n", to: "e.yaml")
        let missing = try scratch.write("name: f\nextends: nowhere\n", to: "f.yaml")
        func code(_ path: String) -> [FaultCode] { Home.faults { _ = try LayoutReader.read(path) }.map(\.code) }
        #expect(code(first) == ["layout.extends-cycle"])
        #expect(code(own) == ["layout.extends-cycle"])
        #expect(code(outside) == ["layout.extends-name"])
        #expect(code(other) == ["layout.name-differs"])
        #expect(code(missing) == ["data-file.not-readable"])
    }

    @Test func theLibraryListsWhatIsThere() throws {
        #expect(
            try Home.library.layoutNames == [
                "example-region", "example-region-1.1", "national-1.0", "national-2.0", "national-3.0",
            ])
        #expect(
            try Set(Home.library.profileNames)
                .isSuperset(of: ["fmcos", "fmcos-ssse", "fmcos-ssse-sm4", "mcos", "t514", "timecos"]))
        #expect(
            try Home.library.globalPlatformProfileNames == [
                "globalplatform", "globalplatform-i55", "globalplatform-scp03",
            ])
        #expect(Home.faults { _ = try Home.library.layout(named: "national-9") }.map(\.code) == ["layout.unknown"])
        let elsewhere = LayoutLibrary(home: "/nowhere")
        #expect(Home.faults { _ = try elsewhere.layoutNames }.map(\.code) == ["layout.folder"])
    }
}
