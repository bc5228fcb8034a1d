import Foundation
import Testing

@testable import CardData

@Suite struct PersonFileTests {
    private let columns = PersonColumns(mandatory: ["citizenNumber", "name"], optional: ["sex"])

    private func read(_ text: String) throws(Faults) -> [PersonRecord] {
        try PersonFile.read(csv: text, file: "p.csv", expectedColumns: columns)
    }

    @Test func rowsKeepTheirLines() throws {
        let text = "citizenNumber,name,sex\r\n1, 张三 ,\r\n\r\n2,\"李\n四\",2\n3,\"王,五\"\"\",1"
        let records = try read(text)
        #expect(records.map(\.place.line) == [2, 4, 6])
        #expect(records[0]["name"] == "张三")
        #expect(records[0]["sex"] == nil)
        #expect(records[1]["name"] == "李\n四")
        #expect(records[2]["name"] == "王,五\"")
        #expect(records[2].place.description == "p.csv:6:1")
    }

    @Test func allFaultsOfTheHeaderAreToldAtOnce() {
        #expect(
            codes { try read("name,name,colour\n张三,李四,red\n") }
                == ["person-file.column-missing", "person-file.column-duplicate", "person-file.column-unknown"])
    }

    @Test func allShortAndLongRowsAreTold() throws {
        let error = #expect(throws: Faults.self) { try read("citizenNumber,name\n1\n2,b\n3,c,d\n") }
        #expect(error?.faults.map(\.code.rawValue) == ["person-file.field-count", "person-file.field-count"])
        #expect(error?.faults.map { $0.place?.line } == [2, 4])
    }

    @Test func anEmptyLastValueIsNotLost() throws {
        #expect(try read("citizenNumber,name,sex\n1,a,").count == 1)
    }

    @Test(arguments: [
        "citizenNumber,name\n1,\"a\n", "citizenNumber,name\n1,\"a\"b\"\n", "citizenNumber,name\n1,a\"b\"c\n",
    ])
    func badQuotationIsRefused(text: String) {
        #expect(codes { try read(text) } == ["csv.quotation"])
    }

    @Test(arguments: [
        ("citizenNumber;name\n1;a\n", 14, "分号"), ("citizenNumber\tname\n1\ta\n", 14, "制表符"),
        ("citizenNumber，name\n1，a\n", 14, "全角逗号"),
    ]) func anotherSeparatorIsTold(text: String, column: Int, name: String) throws {
        let error = #expect(throws: Faults.self) { try read(text) }
        let fault = try #require(error?.faults.first)
        #expect(fault.code == "csv.other-separator")
        #expect(fault.place?.column == column)
        #expect(MessageCatalogue.standard.text(for: fault, language: .chinese).what.contains(name))
    }

    /// The first bytes of a ZIP archive (APPNOTE 4.3.7) and of a compound file (MS-CFB 2.2).
    @Test(arguments: [[0x50, 0x4B, 0x03, 0x04], [0xD0, 0xCF, 0x11, 0xE0, 0xA1, 0xB1, 0x1A, 0xE1]] as [[UInt8]])
    func aWorkbookIsTold(bytes: [UInt8]) {
        #expect(
            codes { try PersonFile.read(bytes: bytes + [0, 1, 2], file: "p.xlsx", expectedColumns: columns) } == [
                "file.spreadsheet"
            ])
    }

    /// As a spreadsheet writes 990165200802116857 in a column that is no text.
    @Test func aRoundedNumberIsToldWithItsColumn() throws {
        let error = #expect(throws: Faults.self) { try read("name,citizenNumber\n张三,9.90165E+17\n李四,1e+2\n王五,E+1\n") }
        #expect(error?.faults.map(\.code.rawValue) == ["person-file.scientific", "person-file.scientific"])
        #expect(error?.faults.map { $0.parameters["column"] } == ["citizenNumber", "citizenNumber"])
        #expect(error?.faults.map { $0.place?.line } == [2, 3])
        #expect(error?.faults.map { $0.place?.column } == [2, 2])
    }

    @Test func aValueHasThePlaceOfItsColumn() throws {
        let record = try #require(try read("name,citizenNumber\n张三,1\n").first)
        #expect(record.place(of: "citizenNumber").description == "p.csv:2:2")
        #expect(record.place(of: "sex").description == "p.csv:2:1")
    }

    @Test func anEmptyFileIsRefused() {
        #expect(codes { try read("\n \n") } == ["csv.empty"])
        #expect(codes { try read("") } == ["csv.empty"])
    }

    @Test func readsUTF8WithItsMarkAndGBK() throws {
        let text = "citizenNumber,name\n1,阿卜杜拉·买买提\n"
        for bytes in [Array(text.utf8), [0xEF, 0xBB, 0xBF] + Array(text.utf8), try GBKText.encode(text)] {
            let records = try PersonFile.read(bytes: bytes, file: "p.csv", expectedColumns: columns)
            #expect(records.first?["name"] == "阿卜杜拉·买买提")
        }
    }

    @Test func otherEncodingsAreRefused() throws {
        let utf16 = Array(try #require("citizenNumber,name\n1,a\n".data(using: .utf16LittleEndian)))
        for bytes in [utf16, [0x61, 0xFF, 0x61]] {
            #expect(
                codes { try PersonFile.read(bytes: bytes, file: "p.csv", expectedColumns: columns) }
                    == ["file.encoding"])
        }
    }

    @Test func filesThatCannotBeOpenedOrAreTooLargeAreRefused() {
        #expect(
            codes { try PersonFile.read(path: Tree.root + "/none.csv", expectedColumns: columns) }
                == ["file.unreadable"])
        #expect(
            codes { try PersonFile.read(path: Tree.root, expectedColumns: columns) }
                == ["file.unreadable"])
        #expect(codes { try BoundedFile.read("/dev/zero", limit: 1000) } == ["file.too-large"])
        #expect(
            codes { try CommaSeparatedText("a\n1\n2\n3\n", file: "p.csv", rowLimit: 2) }
                == ["csv.too-many-rows"])
    }
}
