import CardData
import Foundation
import Testing

@Suite struct DataFileTests {
    func parse(_ text: String) throws -> YAMLNode { try DataFile.parse(text, file: "x.yaml") }

    @Test func scalarsStayWhatWasWritten() throws {
        let node = try parse("a: 08\nb: 1.00\nc: 01\nd: EF05\ne: no\nf: 0x10\ng: 2024-01-01\nh: 1e3\ni: ~\n")
        let texts = try node.mapping.map { try $0.value.string }
        #expect(texts == ["08", "1.00", "01", "EF05", "no", "0x10", "2024-01-01", "1e3", "~"])
        #expect(try node.required("a").hexByte == 8)
        #expect(try node.required("d").hexNumber(UInt16.self) == 0xEF05)
        #expect(try node.required("d").hexLength == 0xEF05)
    }

    @Test func everyNodeKnowsItsPlace() throws {
        let node = try parse("a:\n  - {b: 1,\n     c: 二}\n")
        let inner = try node.required("a").list[0]
        #expect(inner.place == SourcePlace(file: "x.yaml", line: 2, column: 5))
        #expect(inner["c"]?.place == SourcePlace(file: "x.yaml", line: 3, column: 9))
        #expect(try inner.mapping[1].place == SourcePlace(file: "x.yaml", line: 3, column: 6))
    }

    @Test(arguments: [
        ("a: [1\nb: 2\n", "data-file.syntax", 2), ("a: 1\nb: 2\na: 3\n", "data-file.duplicate-key", 1),
        ("", "data-file.empty", 1),
        ("a: &x 1\nb: *x\n", "data-file.anchor", 1), ("a: 1\n---\nb: 1\n", "data-file.syntax", 2),
        ("? [a]\n: 1\n", "data-file.not-text", 1),
        ("a: \u{0007}\n", "data-file.syntax", 1), ("a: *b", "data-file.syntax", 1),
    ])
    func malformedFilesAreRefusedWhereTheyAreWrong(text: String, code: String, line: Int) {
        let faults = Home.faults { _ = try parse(text) }
        #expect(faults.map(\.code.rawValue) == [code])
        #expect(faults.first?.place?.line == line)
    }

    @Test func deepNestingIsRefusedBeforeItCanHurt() {
        for text in [
            String(repeating: "[", count: 500_000), String(repeating: "- ", count: 500_000),
            String(repeating: "[\n", count: 100_000), String(repeating: "? ", count: 500_000),
        ] {
            #expect(Home.faults { _ = try parse(text) }.map(\.code) == ["data-file.too-deep"])
        }
    }

    @Test func wrongKindsOfValueAreTold() throws {
        let node = try parse("a: [1]\nb: x\nc:\nd: {}\n")
        func codes(_ body: () throws -> Void) -> [String] { Home.faults(body).map(\.code.rawValue) }
        #expect(codes { _ = try node.required("z") } == ["data-file.missing-key"])
        #expect(codes { _ = try node.required("a").string } == ["data-file.not-text"])
        #expect(codes { _ = try node.required("b").list } == ["data-file.not-a-list"])
        #expect(codes { _ = try node.required("b").mapping } == ["data-file.not-a-mapping"])
        #expect(codes { _ = try node.required("b").integer } == ["data-file.not-an-integer"])
        #expect(codes { _ = try node.required("b").boolean } == ["data-file.not-boolean"])
        #expect(codes { _ = try node.required("b").hexByte } == ["data-file.not-hexadecimal"])
        #expect(codes { _ = try node.required("c").string } == ["data-file.empty-value"])
        #expect(node.unknownKeys(allowed: ["a", "b", "c"]).map(\.place?.line) == [4])
    }

    @Test func unreadableFilesAreTold() throws {
        let scratch = try ScratchFolder()
        func codes(_ path: String) -> [String] { Home.faults { _ = try DataFile.read(path) }.map(\.code.rawValue) }
        #expect(codes(scratch.path + "/none.yaml") == ["data-file.not-readable"])
        let latin = scratch.path + "/latin.yaml"
        try Data([0x61, 0x3A, 0x20, 0xE9]).write(to: URL(filePath: latin))
        #expect(codes(latin) == ["data-file.not-utf8"])
        let large = try scratch.write("a: " + String(repeating: "x", count: DataFile.sizeLimit), to: "large.yaml")
        #expect(codes(large) == ["data-file.too-large"])
    }
}
