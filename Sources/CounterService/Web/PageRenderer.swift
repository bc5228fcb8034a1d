import CardData
import Hummingbird
import Mustache

/// Values for a template: text, lists, tables of values, and truths.
typealias View = [String: Any]

/// Makes pages from the templates; everything that is filled in is escaped.
struct PageRenderer: Sendable {
    let words: Words
    let office: String
    let isTraining: Bool
    private let library: MustacheLibrary
    private let fields: FaultFields

    init(office: String, isTraining: Bool = false) throws {
        self.office = office
        self.isTraining = isTraining
        words = try Words.bundled()
        fields = try FaultFields.bundled()
        library = try PageText.library()
    }

    /// A page in a language; above it what is wrong, each with the way to the field that it is about, which is marked.
    func page(
        _ template: String, _ view: View, _ language: MessageLanguage, status: HTTPResponse.Status = .ok,
        faults: [Fault] = []
    ) -> Response {
        let text = text(template, view, language, faults: faults)
        var response = Response(
            status: text.isEmpty ? .internalServerError : status,
            body: ResponseBody(byteBuffer: ByteBuffer(string: text)))
        response.headers[.contentType] = "text/html; charset=utf-8"
        response.headers[.contentLanguage] = language == .chinese ? "zh-CN" : "en"
        return response
    }

    /// The text of a page; empty where there is no such template.
    func text(_ template: String, _ view: View, _ language: MessageLanguage, faults: [Fault] = []) -> String {
        var whole = view
        whole["t"] = words.table(language)
        whole["office"] = office
        whole["isTraining"] = isTraining
        whole["language"] = language == .chinese ? "zh-CN" : "en"
        whole["isChinese"] = language == .chinese
        if !faults.isEmpty {
            whole["faults"] = Self.views(of: faults, language)
            whole["faultCount"] = String(faults.count)
        }
        let plain = library.render(whole, withTemplate: template) ?? ""
        return faults.isEmpty ? plain : FieldMarks.marked(plain, faults.map(fields.names))
    }

    /// Faults as a template shows them.
    static func views(of faults: [Fault], _ language: MessageLanguage) -> [View] {
        faults.enumerated().map { index, fault in
            let text = MessageCatalogue.standard.text(for: fault, language: language)
            let links = FaultLink.links(of: fault).map { ["name": $0.name, "path": $0.path] as View }
            return [
                "identifier": "fault-\(index)", "what": text.what, "next": next(of: fault, text.next, language),
                "code": fault.code.rawValue,
                "links": links,
            ]
        }
    }

    /// What whoever stands at a window does next: they have no command line.
    private static func next(of fault: Fault, _ next: String, _ language: MessageLanguage) -> String {
        func own(_ code: FaultCode) -> String {
            MessageCatalogue.standard.text(for: Fault(code, fault.parameters), language: language).next
        }
        if fault.code == "card.last-try" { return own("counter.last-try") }
        let told = MessageCatalogue.standard.text(for: fault, language: .chinese).next
        let isForShell = told.contains("sscard ") || told.contains("sscardd ") || told.contains("--")
        return isForShell && !told.contains("窗口") ? own("counter.for-administrator") : next
    }
}
