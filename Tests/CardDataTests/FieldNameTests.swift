import Foundation
import Testing

@testable import CardData

/// Faults name fields in Chinese to who reads Chinese, and as programs know them to who reads English.
@Suite struct FieldNameTests {
    private func texts(_ code: FaultCode, _ parameters: [String: String]) -> (chinese: String, english: String) {
        let fault = Fault(code, parameters)
        func text(_ language: MessageLanguage) -> String {
            let text = MessageCatalogue.standard.text(for: fault, language: language)
            return text.what + text.next
        }
        return (text(.chinese), text(.english))
    }

    @Test(
        arguments: [
            ("ethnic-group.unknown", ["code": "57", "column": "ethnicGroup"], "民族：没有民族代码", "ethnicGroup: "),
            (
                "import.person-twice", ["column": "身份证号 → citizenNumber", "number": "", "first": "2"], "身份证号：",
                "citizenNumber"
            ),
            (
                "counter.choice", ["field": "reporter", "known": "holder agent"], "“报失人”没有选择，或不在可选之列：持卡人本人、代办人",
                "holder agent"
            ),
            (
                "counter.choice", ["field": "kind", "form": "application", "known": "first renewal"], "“申领种类”没有选择",
                "field kind"
            ),
            ("counter.serials", ["field": "serials-blank", "most": "9"], "“空白卡芯片号”的芯片号有误", "serials-blank"),
            ("counter.person-differs", ["items": "name ethnicGroup"], "不同：姓名、民族；", "name ethnicGroup"),
            (
                "factory-return.incomplete", ["missing": "cardNumber, chipSerial"], "缺少 卡号、芯片号。",
                "cardNumber, chipSerial"
            ),
            ("factory-return.twice", ["what": "card number", "first": "2"], "卡号 在第 2 行", "card number"),
            ("element.too-long", ["element": "employerName", "length": "99", "most": "70"], "“单位名称”", "employerName"),
            (
                "element.unknown-inner", ["element": "x.phoneNumber", "name": "degree", "known": ""], "“联系电话”中没有“学位代码”",
                "degree"
            ),
            // Whoever has to find the column in the file needs its own name as well.
            ("person-file.column-missing", ["column": "ethnicGroup"], "“民族（ethnicGroup）”", "ethnicGroup"),
        ] as [(String, [String: String], String, String)])
    func aFieldIsNamedInTheReadersLanguage(
        code: String, parameters: [String: String], chinese: String, english: String
    ) {
        let told = texts(FaultCode(rawValue: code), parameters)
        #expect(told.chinese.contains(chinese), "\(told.chinese)")
        #expect(told.english.contains(english), "\(told.english)")
    }

    @Test func aNameThatNobodyKnowsStaysAsItIs() {
        #expect(
            texts("element.not-digits", ["element": "ownElementOfARegion"]).chinese.contains("“ownElementOfARegion”"))
        #expect(texts("key-store.value", ["field": "name"]).chinese.contains(" name "), "a field of a file of programs")
    }

    /// Every name that the sources give a fault as its field or column.
    @Test func everyFieldThatTheSourcesNameHasAChineseName() throws {
        let pattern = /"(?:field|column)": "([A-Za-z][A-Za-z-]*)"/
        let call = /(?:mandatory|optional|value)\("([a-z][A-Za-z]+)"\)/
        let own = ["Configuration", "RemoteKeyService", "IssuerKeys"]
        var names: Set<String> = []
        let files = FileManager.default.enumerator(atPath: Tree.root + "/Sources")
        while let path = files?.nextObject() as? String {
            guard path.hasSuffix(".swift"), !own.contains(where: path.contains) else { continue }
            let source = try String(contentsOfFile: Tree.root + "/Sources/" + path, encoding: .utf8)
            names.formUnion(source.matches(of: pattern).map { String($0.1) })
            if path.contains("Applicant") || path.contains("FactoryReturn") {
                names.formUnion(source.matches(of: call).map { String($0.1) })
            }
        }
        #expect(names.count > 20)
        let columns = Applicant.columns.mandatory + Applicant.columns.optional
        for name in names.union(columns).sorted() {
            let told = texts("counter.choice", ["field": name, "known": ""]).chinese
            #expect(!told.contains("“\(name)”"), "\(name)")
        }
    }

    /// The layouts' own titles; region files add their elements by themselves.
    @Test func everyElementOfTheNationalLayoutsIsCalledByATitleOfTheirs() throws {
        let folder = Tree.root + "/CardLayouts"
        var titles: [String: Set<String>] = [:]
        for file in try FileManager.default.contentsOfDirectory(atPath: folder) where file.hasPrefix("national-") {
            let text = try String(contentsOfFile: folder + "/" + file, encoding: .utf8)
            for match in text.matches(of: /(?m)^[ ]+([a-z][A-Za-z0-9]*):[ ]+\{.*?\btitle: ([^,}\n]+)/) {
                titles[String(match.1), default: []].insert(match.2.trimmingCharacters(in: .whitespaces))
            }
        }
        #expect(titles.count > 100)
        // What the windows call otherwise than the specification does.
        let other = ["identificationCode": "卡识别码", "photo": "照片"]
        for (name, known) in titles {
            let told = texts("element.not-digits", ["element": name]).chinese
            #expect(known.union([other[name] ?? ""]).contains { told.hasPrefix("“\($0)”") }, "\(name): \(told)")
        }
    }
}
