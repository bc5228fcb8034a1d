import CardData
import Foundation
import Issuing
import Testing

/// Files of somebody else's columns: what is read, and what is told of what cannot be.
@Suite struct IntakeTests {
    private static let header = "身份证号,姓名,性别,出生日期"
    private static let mapping = """
        columns:
          身份证号: citizenNumber
          姓名: name
          性别: {to: sex, codes: {男: "1", 女: "2"}}
          出生日期: {to: birthDate, date: yyyy/mm/dd}
        constants: {ethnicGroup: "01", birthPlace: "990101"}
        """

    private final class Folder {
        let path = FileManager.default.temporaryDirectory.appending(path: "intake-\(UUID().uuidString)").path
        init() throws { try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true) }
        deinit { try? FileManager.default.removeItem(atPath: path) }
    }

    private let folder: Folder

    init() throws { folder = try Folder() }

    /// The records of a file and the faults of its rows.
    private func read(
        _ bytes: [UInt8], mapping text: String = mapping
    ) throws -> (records: [PersonRecord], faults: [Fault]) {
        let path = folder.path + "/list.csv"
        try Data(bytes).write(to: URL(filePath: path))
        let mapping = try ColumnMapping.parse(text, file: "map.yaml", for: .persons)
        let file = try MappedFile(path, by: mapping, for: .persons)
        var records: [PersonRecord] = []
        var faults: [Fault] = []
        try file.forEachRecord {
            records.append($0)
        } onFault: {
            faults.append($0)
        }
        return (records, faults)
    }

    private func lines(_ rows: String...) -> [UInt8] { Array((([Self.header] + rows).joined(separator: "\r\n")).utf8) }

    private func codes(_ body: () throws -> Void) throws -> [String] {
        try #require(throws: Faults.self, performing: body).faults.map(\.code.rawValue)
    }

    /// Without a mapping a list of the elements' Chinese names is read, as a list of their own names is.
    @Test func chineseColumnNamesNeedNoMapping() throws {
        let path = folder.path + "/chinese.csv"
        let text = "社会保障号码,姓名,性别,ethnicGroup,出生日期,出生地\r\n990101198001100212,张三,1,01,19800110,990101\r\n"
        try Data(text.utf8).write(to: URL(filePath: path))
        let file = try MappedFile(path, by: .plain(.persons), for: .persons)
        var records: [PersonRecord] = []
        try file.forEachRecord {
            records.append($0)
        } onFault: {
            throw Faults($0.code, $0.parameters)
        }
        #expect(
            records.map(\.values) == [
                [
                    "citizenNumber": "990101198001100212", "name": "张三", "sex": "1", "ethnicGroup": "01",
                    "birthDate": "19800110", "birthPlace": "990101",
                ]
            ])
        try Data("姓名,name\r\n".utf8).write(to: URL(filePath: path))
        let twice = try codes { _ = try MappedFile(path, by: .plain(.persons), for: .persons) }
        #expect(twice.contains("person-file.column-duplicate") && !twice.contains("person-file.column-unknown"))
    }

    @Test func columnsConstantsCodesAndDatesMakeARecord() throws {
        let (records, faults) = try read(lines("990101198001100212, 张三 ,男,1980/1/10"))
        #expect(faults.isEmpty)
        #expect(
            records.first?.values == [
                "citizenNumber": "990101198001100212", "name": "张三", "sex": "1", "birthDate": "19800110",
                "ethnicGroup": "01", "birthPlace": "990101",
            ])
    }

    @Test func aQuotedFieldMayHoldCommasAndLineEnds() throws {
        let (records, faults) = try read(lines("1,\"张,三\",男,x", "2,\"李\r\n四\",女,x", "3,王五,女,x"))
        #expect(faults.isEmpty)
        #expect(records.map { $0.values["name"] } == ["张,三", "李\r\n四", "王五"])
        #expect(records.map(\.place.line) == [2, 3, 5])
    }

    /// 0x5C and 0x7C stand inside GBK characters; 0x22 and 0x2C never do.
    @Test func charactersWhoseSecondByteIsASignAreWhole() throws {
        let text = Self.header + "\n1,誠橽,男,x\n"
        let (records, faults) = try read(try GBKText.encode(text))
        #expect(faults.isEmpty)
        #expect(records.first?.values["name"] == "誠橽")
    }

    @Test func aRowThatCannotBeDecodedIsAFaultOfThatRowAlone() throws {
        let bad = try GBKText.encode(Self.header + "\n1,张三,男,x\n2,") + [0xFF, 0xFF] + Array(",男,x\n3,李四,女,x\n".utf8)
        let (records, faults) = try read(bad.filter { $0 != 0 })
        #expect(faults.map { "\($0.code.rawValue) \($0.place?.line ?? 0)" }.first == "import.undecodable 3")
        #expect(records.first?.values["name"] == "张三")
    }

    @Test func whatCannotBeReadPastEndsTheReading() throws {
        #expect(try codes { _ = try read(lines("1,\"张三,男,x", "2,李四,女,x")) } == ["csv.quotation"])
        let long = String(repeating: "长", count: 30_000)
        #expect(try codes { _ = try read(lines("1,\(long),男,x")) } == ["import.row-too-long"])
        #expect(try codes { _ = try read([]) } == ["csv.empty"])
        #expect(try codes { _ = try read(Array("a\u{0}b".utf8)) } == ["file.encoding"])
    }

    @Test func aFileWithoutALineEndAtItsEndIsWhole() throws {
        #expect(try read(lines("1,张三,男,x")).records.count == 1)
        #expect(try read(lines("1,张三,男,")).records.first?.values["birthDate"] == "")
        #expect(try read(lines("1,张三,男,x", "", "  ")).records.count == 1)
    }

    @Test func aMappingTellsAllItsFaultsAtOnce() throws {
        let faults = try #require(throws: Faults.self) {
            _ = try ColumnMapping.parse(
                """
                encoding: latin-1
                columns: {a: name, b: name, c: shoeSize, d: {to: sex, date: never}}
                derive: [name, ethnicGroup]
                colour: red
                """, file: "map.yaml", for: .persons)
        }.faults.map(\.code.rawValue)
        #expect(
            Set(faults) == [
                "data-file.unknown-key", "mapping.word", "mapping.element-twice", "mapping.element-unknown",
                "mapping.not-derivable", "mapping.element-missing",
            ])
    }
}
