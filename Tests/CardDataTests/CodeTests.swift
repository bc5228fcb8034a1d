import CardData
import Foundation
import Testing

@Suite struct CodeTests {
    @Test func sexHasThreeCodes() throws {
        #expect(try Sex("1") == .male)
        #expect(try Sex("9") == .unspecified)
        for text in ["0", "3", "", "01", "男"] { #expect(codes { try Sex(text) } == ["sex.unknown"]) }
    }

    @Test func ethnicGroupsAre56AndOthers() throws {
        let valid = (0...99).map { ($0 < 10 ? "0" : "") + String($0) }.filter { (try? EthnicGroup($0)) != nil }
        #expect(valid.count == 57)
        #expect(try EthnicGroup("01").code == "01")
        for text in ["1", "57", "00", "001", "+1"] {
            #expect(codes { try EthnicGroup(text) } == ["ethnic-group.unknown"])
        }
    }

    // Limits of tag 02: under 6, student, from 16, from 70
    @Test(arguments: [(0, "1"), (5, "1"), (6, "2"), (15, "2"), (16, "3"), (69, "3"), (70, "4"), (120, "4")])
    func cardClassGoesByAge(age: Int, code: String) throws {
        #expect(CardClass(age: age).code == code)
        #expect(try CardClass(code).code == code)
    }

    @Test func cardClassRefusesOthers() {
        for text in ["0", "5", "", "03"] {
            #expect(codes { try CardClass(text) } == ["card-class.unknown"])
        }
    }

    @Test func institutionNumberStatesItsAreas() throws {
        let number = try InstitutionNumber("915600000299010199010201")
        #expect(number.issuingArea == "990101")
        #expect(number.initializingArea == "990102")
        #expect(codes { try InstitutionNumber("91560000029901019901020") } == ["institution-number.form"])
        #expect(
            codes { try InstitutionNumber("915600000399010199010201") }
                == ["institution-number.organisation"])
    }
}

@Suite struct CodeTableTests {
    private let tables = CodeTables(folder: Tree.tables)

    @Test func everyTableOfTheTreeCanBeRead() throws {
        let files = try FileManager.default.contentsOfDirectory(atPath: Tree.tables).filter { $0.hasSuffix(".csv") }
        #expect(files.count > 20)
        for file in files where !file.hasPrefix("area-codes") {
            #expect(try tables.table(named: String(file.dropLast(4))).entries.isEmpty == false)
        }
    }

    @Test func ethnicGroupsAreSpelledAsTheStandardHasThem() throws {
        let table = try tables.table(named: "ethnic-groups")
        #expect(table.entries.count == 57)
        #expect(table["20"]?.chinese == "傈僳族")
        #expect(table["31"]?.chinese == "达斡尔族")
        #expect(table["36"]?.chinese == "毛南族")
        #expect(table["45"]?.chinese == "鄂温克族")
        for entry in table.entries { #expect(throws: Never.self) { try EthnicGroup(entry.code) } }
    }

    @Test func tellsAllFaultsOfATable() {
        let text = "code,zh,en\n1,一,one\n1,二,two\n2,,two\n3,三\n"
        #expect(
            codes { try CodeTable(name: "t", csv: text, file: "t.csv") }
                == ["code-table.duplicate", "code-table.empty-field", "code-table.field-count"])
        #expect(codes { try CodeTable(name: "t", csv: "a,b\n", file: "t.csv") } == ["code-table.header"])
    }

    @Test func aTableNameCannotLeadOutOfTheFolder() {
        for name in ["../tables/sex", "", "a/b", "sex.csv"] {
            #expect(codes { try tables.table(named: name) } == ["code-table.name"])
        }
        #expect(codes { try tables.table(named: "no-such-table") } == ["file.unreadable"])
    }
}

@Suite struct AreaCodeTests {
    private let table: AreaCodeTable

    init() throws { table = try AreaCodeTable(folder: Tree.tables) }

    @Test func knowsDivisionsInForceAndWithdrawn() throws {
        #expect(try !AreaCode("110101", in: table).isWithdrawn)
        // 崇文区 was joined to 东城区 in 2010
        let withdrawn = try AreaCode("110103", in: table)
        #expect(withdrawn.isWithdrawn)
        #expect(table.name(of: "110103") == "北京市崇文区")
        #expect(table.name(of: "130102") == "河北省石家庄市长安区")
    }

    @Test func aNameFallsBackToThePrefectureOrProvince() {
        #expect(table.name(of: "130198") == "河北省石家庄市")
        #expect(table.name(of: "119898") == "北京市")
        #expect(table.name(of: "098765") == nil)
    }

    // Codes seen in the field: 133199, 549900 by the extension rule, 542600 withdrawn
    @Test(arguments: [("133199", AreaCodeTable.Kind.extension), ("549900", .extension), ("542600", .standard)])
    func takesTheExtensionsOfTheMinistry(code: String, kind: AreaCodeTable.Kind) throws {
        #expect(try AreaCode(code, in: table).kind == kind)
    }

    @Test func trainingAreasAreNinetyNine() throws {
        let training = (990_000...990_999).filter { (try? AreaCode(String($0), in: table))?.isTraining == true }
        #expect(training == Array(990_101...990_199))
    }

    @Test(arguments: ["990100", "990200", "999999", "000000", "110199X", "1101", "１１０１０１", "911840", "999900"])
    func refusesUnknownCodes(code: String) {
        let found = codes { try AreaCode(code, in: table) }
        #expect(found == [code.utf8.count == 6 ? "area-code.unknown" : "area-code.form"])
    }

    @Test func tellsEveryWrongRow() {
        let found = codes {
            try AreaCodeTable(
                standard: "code,name,from,to\n11,北京,,\n110000,北京市,x,\n110000,,,\n", standardFile: "a.csv",
                extensions: "pattern,kind,zh,en\n1?,extension,a,b\n??9900,nonsense,a,b\n", extensionsFile: "b.csv")
        }
        #expect(found == Array(repeating: "area-code-table.row", count: 5))
    }
}
