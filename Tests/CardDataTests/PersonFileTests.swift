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
