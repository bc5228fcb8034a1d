import ByteText
import CardData
import CardLayout
import Foundation
import Testing

/// Photos and fingerprints: transparent files of bytes.
@Suite struct PictureTests {
    /// From marker to marker, as JPEG begins and ends (ISO/IEC 10918-1 B.1).
    static let jpeg: [UInt8] = [0xFF, 0xD8, 0xFF, 0xE0, 0x00, 0x02, 0xFF, 0xD9]
    /// An 8 × 8 picture of one grey, baseline, with the tables and the scan that a decoder asks for (ISO/IEC 10918-1 B.2).
    static let greyJPEG: [UInt8] =
        [0xFF, 0xD8, 0xFF, 0xDB, 0x00, 0x43, 0x00] + [UInt8](repeating: 1, count: 64)
        + [0xFF, 0xC0, 0x00, 0x0B, 0x08, 0x00, 0x08, 0x00, 0x08, 0x01, 0x01, 0x11, 0x00]
        + [0xFF, 0xC4, 0x00, 0x14, 0x00, 0x01] + [UInt8](repeating: 0, count: 16)
        + [0xFF, 0xC4, 0x00, 0x14, 0x10, 0x01] + [UInt8](repeating: 0, count: 16)
        + [0xFF, 0xDA, 0x00, 0x08, 0x01, 0x01, 0x00, 0x00, 0x3F, 0x00, 0x3F, 0xFF, 0xD9]
    /// A file header of 14 bytes with its size, 30, and 16 bytes more.
    static let bitmap: [UInt8] = Array("BM".utf8) + [30, 0, 0, 0] + [UInt8](repeating: 0, count: 24)

    @Test func theEndOfAPictureIsFoundBehindItsFiller() throws {
        for filler in [UInt8(0x00), 0xFF] {
            let padding = [UInt8](repeating: filler, count: 40)
            #expect(try Picture(padded: Self.jpeg + padding).bytes == Self.jpeg)
            #expect(try Picture(padded: Self.bitmap + padding).bytes == Self.bitmap)
        }
        #expect(try Picture(padded: Self.jpeg).form == .jpeg)
        #expect(try Picture(padded: Self.bitmap).form == .bitmap)
    }

    @Test(arguments: [
        ("89504E470D0A1A0A", "picture.form"), ("", "picture.form"), ("FFD8", "picture.form"),
        ("FFD8FFE00002", "picture.incomplete"), ("424D", "picture.incomplete"),
        ("424DFFFFFF7F" + String(repeating: "00", count: 40), "picture.incomplete"),
        ("424D01000000" + String(repeating: "00", count: 40), "picture.incomplete"),
    ])
    func whatIsNoWholePictureIsToldApart(hexadecimal: String, code: String) throws {
        let bytes = try #require([UInt8](hexadecimal: hexadecimal))
        #expect(Home.faults { _ = try Picture(padded: bytes) }.map(\.code.rawValue) == [code])
    }

    /// Of the whole picture every byte that is taken away, and each of its parts that is missing, makes it one that nobody can show.
    @Test func aJPEGIsWalkedThroughFromItsHeaderToItsEnd() throws {
        let grey = Self.greyJPEG
        func isRefused(_ bytes: [UInt8]) -> Bool {
            Home.faults { try Picture(padded: bytes).checkStructure() }.map(\.code.rawValue) == ["picture.unreadable"]
        }
        #expect(!isRefused(grey))
        #expect(isRefused(Self.jpeg), "a header and an end, and nothing between")
        #expect(isRefused([0xFF, 0xD8, 0xFF, 0xE0, 0x00, 0x10] + Array("JFIF and only text".utf8) + [0xFF, 0xD9]))
        // Quantization, frame, both tables of codes, scan: where each begins and how long it is.
        for (name, start, count) in [("DQT", 2, 69), ("SOF", 71, 13), ("SOS", 128, 11)] {
            var without = grey
            without.removeSubrange(start..<start + count)
            #expect(isRefused(without), "without \(name)")
        }
        for (name, place) in [("height", 77), ("width", 79)] {
            var flat = grey
            flat[place] = 0
            #expect(isRefused(flat), "without \(name)")
        }
    }

    @Test func aBitmapHasSizeAndPoints() throws {
        // 2 × 2 points of 24 bits, each row filled to four bytes: BITMAPINFOHEADER of 40 bytes.
        var header: [UInt8] = [40, 0, 0, 0, 2, 0, 0, 0, 2, 0, 0, 0, 1, 0, 24, 0] + [UInt8](repeating: 0, count: 24)
        func bitmap(points: Int) -> [UInt8] {
            Array("BM".utf8) + [UInt8(54 + points), 0, 0, 0, 0, 0, 0, 0, 54, 0, 0, 0] + header
                + [UInt8](repeating: 0x7F, count: points)
        }
        try Picture(padded: bitmap(points: 16)).checkStructure()
        #expect(Home.faults { try Picture(padded: bitmap(points: 15)).checkStructure() }.count == 1)
        #expect(Home.faults { try Picture(padded: Self.bitmap).checkStructure() }.count == 1)
        header[4] = 0
        #expect(Home.faults { try Picture(padded: bitmap(points: 16)).checkStructure() }.count == 1)
    }

    @Test func issuingRefusesWhatReadingWarnsOf() throws {
        let layout = try Home.library.layout(named: "national-2.0")
        var person = People.person
        person["photo"] = "89504E470D0A1A0A"
        let faults = Home.faults { _ = try layout.encode(values: person) }
        #expect(faults.map(\.code) == ["picture.form"])
        #expect(faults.first?.parameters["element"] == "photo")
        let bytes = [UInt8](repeating: 0x41, count: 4096)
        let content = CardContent(["SSSE": ["EF08": .bytes(bytes)]], layout: layout)
        #expect(content["SSSE", "EF08", "photo"] == .bytes(bytes))
        #expect(content.warnings.map(\.code) == ["picture.form"])
    }

    @Test func aPictureIsFilledAsTheLayoutSaysAndReadWithoutIt() throws {
        let scratch = try ScratchFolder()
        let national = try String(contentsOfFile: Home.path + "/CardLayouts/national-2.0.yaml", encoding: .utf8)
        _ = try scratch.write(national, to: "national-2.0.yaml")
        let path = try scratch.write(
            """
            name: filled
            title: 填充
            extends: national-2.0
            directories: {SSSE: {files: {EF08: {padding: FF}}}}
            """, to: "filled.yaml")
        var person = People.person
        person["photo"] = Self.jpeg.hexadecimal
        for (layout, filler) in [
            (try LayoutReader.read(path), UInt8(0xFF)), (try Home.library.layout(named: "national-2.0"), 0x00),
        ] {
            let image = try layout.encode(values: person)
            guard case .bytes(let bytes) = image.file("SSSE", "EF08")?.content else {
                Issue.record("the photo is missing")
                return
            }
            #expect(bytes == Self.jpeg + [UInt8](repeating: filler, count: 4096 - Self.jpeg.count))
            let content = CardContent(["SSSE": ["EF08": .bytes(bytes)]], layout: layout)
            #expect(content["SSSE", "EF08", "photo"] == .bytes(Self.jpeg))
            #expect(content.warnings.isEmpty)
        }
    }

    @Test func whatIsLargerThanTheFileIsRefused() throws {
        let layout = try Home.library.layout(named: "national-2.0")
        var person = People.person
        person["photo"] = (Self.jpeg.dropLast(2) + [UInt8](repeating: 1, count: 4096) + [0xFF, 0xD9]).hexadecimal
        person["fingerprints"] = [UInt8](repeating: 1, count: 769).hexadecimal
        #expect(
            Home.faults { _ = try layout.encode(values: person) }.map(\.code) == [
                "element.too-long", "element.too-long",
            ])
    }

    // MARK: beside a file of people

    @Test func aFileOfPeopleNamesItsPictures() throws {
        let scratch = try ScratchFolder()
        try FileManager.default.createDirectory(atPath: scratch.path + "/photos", withIntermediateDirectories: true)
        try Data(Self.jpeg).write(to: URL(filePath: scratch.path + "/photos/1.jpg"))
        let layout = try Home.library.layout(named: "national-2.0")
        let files = AttachedFiles(beside: scratch.path + "/people.csv", layout: layout)
        let place = SourcePlace(file: "people.csv", line: 2)
        let row = PersonRecord(
            values: ["photo": "photos/1.jpg", "SSSE.EF07.fingerprints": "0102", "name": "a.b"], place: place)
        #expect(
            try files.read([row]).map(\.values) == [
                ["photo": Self.jpeg.hexadecimal, "SSSE.EF07.fingerprints": "0102", "name": "a.b"]
            ])
    }

    @Test func filesThatAreOutsideMissingOrTooLargeAreToldAtOnce() throws {
        let scratch = try ScratchFolder()
        try Data([UInt8](repeating: 0, count: 4097)).write(to: URL(filePath: scratch.path + "/large.jpg"))
        let files = AttachedFiles(
            beside: scratch.path + "/people.csv", layout: try Home.library.layout(named: "national-2.0"))
        try Data().write(to: URL(filePath: scratch.path + "/empty.jpg"))
        let rows = ["../other.jpg", "/etc/hostname", "./a.jpg", "a//b.jpg", "none.jpg", "large.jpg", "empty.jpg"]
            .enumerated().map {
                PersonRecord(values: ["photo": $1], place: SourcePlace(file: "people.csv", line: $0 + 2))
            }
        let faults = Home.faults { _ = try files.read(rows) }
        #expect(
            faults.map { "\($0.place?.line ?? 0) \($0.code.rawValue)" } == [
                "2 attachment.path", "3 attachment.path", "4 attachment.path", "5 attachment.path",
                "6 attachment.unreadable", "7 attachment.too-large",
                "8 attachment.empty",
            ])
        #expect(faults.allSatisfy { $0.parameters["column"] == "photo" })
        #expect(faults[5].parameters["length"] == "4097" && faults[5].parameters["path"] == "large.jpg")
        #expect(MessageCatalogue.standard.text(for: faults[5], language: .chinese).next.contains("压缩或裁剪"))
    }
}
