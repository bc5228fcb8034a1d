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
    /// The templates in which somebody fills something in.
    private let forms: Set<String>

    init(office: String, isTraining: Bool = false) throws {
        self.office = office
        self.isTraining = isTraining
        words = try Words.bundled()
        fields = try FaultFields.bundled()
        library = try PageText.library()
        forms = Set(
            try PageFiles.names().filter { name in
                try name.hasSuffix(".mustache") && PageFiles.text(name).contains("sheet\" method=\"post\"")
            }.map { $0.replacing(".mustache", with: "") })
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
        // What is filled in is not dropped for the other language: that opens beside it.
        whole["hasForm"] = forms.contains(template) && view["isLoggedOut"] == nil
        if !faults.isEmpty {
            whole["faults"] = Self.views(of: faults, language, tellingRows: view["tellsRows"] as? Bool == true)
            whole["faultCount"] = String(faults.count)
        }
        let plain = library.render(whole, withTemplate: template) ?? ""
        return faults.isEmpty ? plain : FieldMarks.marked(plain, faults.map(fields.names))
    }

    /// Faults as a template shows them.
    ///
    /// - Parameter isTellingRows: whether they are about rows of a file, which are found by line and by whose they are.
    static func views(
        of faults: [Fault], _ language: MessageLanguage, tellingRows isTellingRows: Bool = false
    ) -> [View] {
        faults.enumerated().map { index, fault in
            let text = text(for: fault, language)
            let links = FaultLink.links(of: fault).map { ["name": $0.name, "path": $0.path] as View }
            var view: View = [
                "identifier": "fault-\(index)", "what": text.what, "next": text.next,
                "code": fault.code.rawValue,
                "links": links,
            ]
            if isTellingRows, let line = fault.place?.line, line > 0 {
                view["line"] = String(line)
                view["person"] = fault.parameters["rowName"]
            }
            return view
        }
    }

    /// What a fault says to whoever stands at a window: they have no command line, and what only that could mend is the administrator's.
    static func text(for fault: Fault, _ language: MessageLanguage) -> (what: String, next: String) {
        let catalogue = MessageCatalogue.standard
        let own = catalogue.text(for: fault, language: language, isAtWindow: true)
        guard !catalogue.hasWindowText(fault.code) else { return (own.what, own.next) }
        let told = catalogue.text(for: fault, language: .chinese).next
        guard ["sscard ", "sscardd ", "--", "sudo "].contains(where: told.contains), !told.contains("窗口") else {
            return (own.what, own.next)
        }
        return (own.what, catalogue.text(for: Fault("counter.for-administrator"), language: language).next)
    }
}
