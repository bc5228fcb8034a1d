import CardData
import CardLayout
import ISO7816
import Testing

/// The file table of the V2.0 specification (人社信息函〔2012〕37号) as access bytes and structures of an FMCOS-type card.
///
/// The bytes are those worked out by hand in the project's FMCOS mapping.
@Suite struct FileTableTests {
    struct Row: Sendable, CustomStringConvertible {
        let directory: String
        let file: String
        let type: UInt8
        let read: UInt8
        let write: UInt8

        init(_ directory: String, _ file: String, _ type: UInt8, _ read: UInt8, _ write: UInt8) {
            (self.directory, self.file, self.type, self.read, self.write) = (directory, file, type, read, write)
        }

        var description: String { "\(directory) \(file)" }
    }

    static let table: [Row] = [
        Row("SSSE", "EF05", 0x2C, 0xF0, 0x44), Row("SSSE", "EF06", 0x2C, 0xF0, 0x44),
        Row("SSSE", "EF07", 0x28, 0x11, 0x44), Row("SSSE", "EF08", 0x28, 0x11, 0x44),
        Row("DF01", "EF05", 0x2C, 0x21, 0x44), Row("DF01", "EF06", 0x2C, 0x21, 0x77),
        Row("DF01", "EF07", 0x2C, 0x21, 0x55), Row("DF01", "EF08", 0x2C, 0x21, 0x66),
        Row("DF01", "EF09", 0x2C, 0x21, 0x55), Row("DF01", "EF0A", 0x2C, 0x21, 0x88),
        Row("DF01", "EF15", 0x2C, 0x21, 0x99), Row("DF01", "EF16", 0x28, 0xF0, 0xAA),
        Row("DF01", "EF17", 0x28, 0xF0, 0xBB), Row("DF01", "EF18", 0x28, 0xF0, 0xCC),
        Row("DF01", "EF19", 0x28, 0xF0, 0xDD), Row("DF01", "EF1A", 0x28, 0xF0, 0xEE),
        Row("DF02", "EF05", 0x2C, 0x21, 0x44), Row("DF02", "EF06", 0x2C, 0x21, 0x55),
        Row("DF02", "EF07", 0x2E, 0x21, 0x66), Row("DF02", "EF09", 0x2C, 0x21, 0x77),
        Row("DF02", "EF15", 0x2C, 0x21, 0x88), Row("DF02", "EF16", 0x2E, 0x21, 0x99),
        Row("DF03", "EF05", 0x2C, 0x32, 0x44), Row("DF03", "EF06", 0x2C, 0x21, 0x55),
        Row("DF03", "EF07", 0x2C, 0x21, 0x66), Row("DF03", "EF15", 0x2C, 0x21, 0x77),
        Row("DF03", "EF16", 0x2C, 0x21, 0x88), Row("DF03", "EF17", 0x2C, 0x21, 0x99),
        Row("DF03", "EF18", 0x2C, 0x21, 0xAA), Row("DF03", "EF19", 0x2A, 0x21, 0xBB),
        Row("DF04", "EF05", 0x2C, 0x31, 0x44), Row("DF04", "EF06", 0x2C, 0x33, 0x55),
        Row("DF04", "EF08", 0x2E, 0x32, 0xEF), Row("DF04", "EF15", 0x2E, 0x31, 0x55),
        Row("DF07", "EF05", 0x2C, 0x11, 0x44), Row("DF07", "EF06", 0x2C, 0x33, 0x55),
        Row("DF07", "EF07", 0x2C, 0x77, 0x66),
    ]

    @Test func everyRowOfTheFileTableHasItsBytes() throws {
        let card = try Home.compiled("national-2.0")
        for row in Self.table {
            let file = try #require(card.directory(row.directory)?.file(row.file), "\(row)")
            #expect(try card.profile.creation(of: file).data.first == row.type, "\(row)")
            #expect(file.readByte == row.read, "\(row)")
            #expect(file.writeByte == row.write, "\(row)")
        }
        let files = card.directories.flatMap { directory in directory.files.map { "\(directory.name) \($0.name)" } }
        #expect(files.sorted() == Self.table.map(\.description).sorted())
    }

    @Test func version3ProtectsTheCardNumberAndTheHolder() throws {
        let card = try Home.compiled("national-3.0")
        let issuer = try #require(card.directory("SSSE")?.file("EF05"))
        #expect(issuer.readByte == 0xF0)
        #expect(issuer.recordReadBytes == [0x07: 0x11])
        #expect(card.directory("SSSE")?.file("EF06")?.readByte == 0x11)
        for row in Self.table where row.directory != "SSSE" {
            let file = card.directory(row.directory)?.file(row.file)
            #expect(file?.readByte == row.read && file?.writeByte == row.write, "\(row)")
        }
    }

    @Test func referenceDirectoriesAreDescribedButNotCreated() throws {
        let card = try Home.compiled("national-2.0")
        #expect(card.directories.map(\.name) == ["SSSE", "DF01", "DF02", "DF03", "DF04", "DF07"])
        #expect(card.layout.directory("DF05")?.isCreated == false)
        #expect(card.layout.directory("DF06")?.file("EF06")?.write == .key("UK2DF06"))
    }

    /// The application identifiers and the name of the environment are those of the specification's tables 1 and 2.
    @Test func directoriesCarryTheirRegisteredNames() throws {
        let layout = try Home.library.layout(named: "national-2.0")
        let environment: [UInt8] =
            Array("sx1.sh.".utf8) + [0xC9, 0xE7, 0xBB, 0xE1, 0xB1, 0xA3, 0xD5, 0xCF]
        #expect(layout.directory("SSSE")?.dedicatedFileName == environment)
        for (name, last) in [("DF01", 0), ("DF02", 1), ("DF03", 2), ("DF04", 3), ("DF07", 4)] {
            #expect(layout.directory(name)?.dedicatedFileName == [0xD1, 0x56, 0, 0, 5, UInt8(last)])
        }
    }

    /// 64 bytes in EF05 and 91 in EF06 follow from the published lengths with a tag and a length byte each.
    @Test func recordsOfTheEnvironmentHaveThePublishedSizes() throws {
        let environment = try #require(try Home.compiled("national-2.0").directory("SSSE"))
        #expect(environment.file("EF05")?.bodySize == 64)
        #expect(environment.file("EF06")?.bodySize == 91)
        let tags = environment.files.prefix(2).map { $0.file?.elements.compactMap(\.tag) ?? [] }
        #expect(tags == [[1, 2, 3, 4, 5, 6, 7], [0x08, 0x09, 0x4E, 0x0A, 0x0B, 0x0C, 0x0D]])
    }
}
