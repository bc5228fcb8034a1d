import CardData
import CardLayout
import Foundation
import Testing

/// What a layout gives beside cards: an example, a manual page, a schema.
@Suite struct LayoutOutputTests {
    static let names = ["example-region", "example-region-1.1", "national-1.0", "national-2.0", "national-3.0"]

    static func codes() throws -> CodeLookup { try CodeLookup(folder: Home.library.folder + "/tables") }

    static func example(_ name: String) throws -> (CardLayout, CardImage) {
        let layout = try Home.library.layout(named: name)
        let encoder = PersonImageEncoder(layout: layout, codes: try codes())
        return (layout, try encoder.encode(try ExampleRecord(layout: layout, codes: try codes()).values))
    }

    @Test(arguments: names)
    func theExampleFillsEveryFileWithValuesThatIssuingTakes(name: String) throws {
        let (layout, image) = try Self.example(name)
        for directory in layout.directories {
            for file in directory.files where file.isCreated && !file.elements.isEmpty && file.write != .card {
                let written = try #require(image.file(directory.name, file.name)?.byteCount, "\(file.name)")
                switch file.structure {
                case .variableRecord: #expect(written == file.bodySize)
                case .cyclic(let count, let length), .fixedRecord(let count, let length):
                    #expect(written == count * length)
                case .transparent(let size): #expect(written == size)
                }
            }
        }
    }

    @Test(arguments: names)
    func everythingThatIsReadHasAPlaceInTheSchema(name: String) throws {
        let (layout, image) = try Self.example(name)
        let content = CardContent(CardContentTests.raw(image), layout: layout)
        #expect(content.warnings.isEmpty)
        let value = try JSONSerialization.jsonObject(with: try JSONEncoder().encode(content))
        let schema = try JSONSerialization.jsonObject(with: try JSONEncoder().encode(ContentSchema(layout)))
        #expect(SchemaCheck.faults(of: value, by: schema, at: name) == [])
        #expect(SchemaCheck.faults(of: ["SSSE": ["EF05": ["cardNumbr": "1"]]], by: schema, at: "").count == 1)
        #expect(SchemaCheck.faults(of: ["SSSE": ["EF05": ["issueDate": "2024"]]], by: schema, at: "").count == 1)
        #expect(SchemaCheck.faults(of: ["SSSE": ["EF05": "1"]], by: schema, at: "").count == 1)
    }

    /// Bytes by the tables of the specification: 0E is cn 03, 5F a single character, 0504 a date.
    @Test func theManualShowsRulesAndBytes() throws {
        let text = try LayoutManual(try Home.compiled("national-2.0"), codes: try Self.codes()).text
        for line in [
            "| `0E` | `householdArea` | 户口所在地区划 | cn | 03 | area-codes | `0E03990101` |",
            "| `05` | `issueDate` * | 发卡日期 | cn | 04 |  | `050420240229` |",
            "循环记录 cyclic records 4 × 85 bytes；读 read `pin | RK1DF02` (21)，写 write `UK3DF02` (66)",
            "|  | `photo` | 数字相片 | b | 1000 |  | `FFD8FF202020202020202020202020202020202020202020… (4096 bytes)` |",
        ] { #expect(text.contains("\n" + line + "\n"), "\(line)") }
        #expect(!text.contains("DF05"))
    }
}

/// As much of JSON Schema as the layouts' schemas use.
enum SchemaCheck {
    static func faults(of value: Any, by schema: Any, at path: String) -> [String] {
        guard let schema = schema as? [String: Any] else { return ["\(path): no schema"] }
        switch schema["type"] as? String {
        case "object":
            guard let object = value as? [String: Any], let members = schema["properties"] as? [String: Any],
                schema["additionalProperties"] as? Bool == false
            else { return ["\(path): no object"] }
            return object.flatMap { name, member in
                members[name].map { faults(of: member, by: $0, at: "\(path).\(name)") } ?? ["\(path).\(name): unknown"]
            }
        case "array":
            guard let list = value as? [Any], let most = schema["maxItems"] as? Int, list.count <= most,
                let items = schema["items"]
            else { return ["\(path): no array"] }
            return list.flatMap { faults(of: $0, by: items, at: path) }
        case "string":
            guard let text = value as? String, text.count <= schema["maxLength"] as? Int ?? .max else {
                return ["\(path): no text"]
            }
            guard let pattern = schema["pattern"] as? String else { return [] }
            return text.range(of: pattern, options: .regularExpression) == nil ? ["\(path): \(pattern)"] : []
        default: return ["\(path): no type"]
        }
    }
}
