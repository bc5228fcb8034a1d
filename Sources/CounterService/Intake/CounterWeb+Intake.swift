import CardData
import CardLayout
import HTTPTypes
import Hummingbird
import Issuing
import Lifecycle

/// 导入与回盘 at the window: a file is sent and judged, its faults are told, and it is taken in when whoever sent it says so.
extension CounterWeb {
    func addIntake(to router: Router<CounterContext>) {
        page(router, "/intake") { visitor in try intakePage(visitor) }
        router.post("/intake") { request, context in
            try checkOrigin(request)
            // Before anything of a file is kept: who sends it, and from a page of ours.
            guard let visitor = try visitor(request, context) else {
                return goOn(to: OwnPath.login(backTo: "/intake", hasEnded: true))
            }
            return try await answering(visitor) {
                guard !mustChangePassword(visitor.person) else { throw Faults("operator.password-given") }
                return try await upload(visitor)
            }
        }
        page(router, "/intake-columns/:kind") { visitor in
            guard let kind = IntakeOrder.Kind(rawValue: visitor.parameter("kind")) else {
                throw Faults("counter.not-found")
            }
            return Self.templateFile(of: kind)
        }
        page(router, "/intake/:intake") { visitor in
            let name = visitor.parameter("intake")
            return intakeStatePage(name, try desk.intakes.entry(name, of: visitor.person.number), visitor)
        }
        form(router, "/intake/:intake") { visitor in
            let name = visitor.parameter("intake")
            try confirmIntake(name, visitor)
            return goOn(to: "/intake/\(name)")
        }
        page(router, "/intake/:intake/faults.csv") { visitor in
            let name = visitor.parameter("intake")
            return faultFile(try desk.intakes.entry(name, of: visitor.person.number), visitor.language)
        }
    }

    /// What somebody may send.
    func intakeKinds(_ person: Operator) -> [IntakeOrder.Kind] {
        IntakeOrder.Kind.allCases.filter { kind in
            switch kind {
            case .persons: isOne(person, of: .registerPerson)
            case .factoryReturn: isOne(person, of: .receiveStock)
            }
        }
    }

    /// Has a judged file taken in.
    ///
    /// - Throws: as ``Intakes/confirm(_:by:)``, and where somebody has lost their role meanwhile.
    func confirmIntake(_ name: String, _ visitor: Visitor) throws(Faults) {
        try checkRoles(of: try desk.intakes.entry(name, of: visitor.person.number), visitor.person)
        try desk.intakes.confirm(name, by: visitor.person.number)
    }

    /// Whether who sent a file, and who signed beside them, still have the roles in which it would be taken in.
    ///
    /// - Throws: `counter.no-role`, `intake.maker-wanted`, `waiting.officer-gone`.
    private func checkRoles(of entry: Intakes.Entry, _ person: Operator) throws(Faults) {
        guard intakeKinds(person).contains(entry.order.kind) else { throw Faults("counter.no-role") }
        guard entry.order.kind != .factoryReturn || person.roles.contains(.personalizer) else {
            throw Faults("intake.maker-wanted")
        }
        guard let second = entry.officers.maker.second else { return }
        let signed = try desk.operators.operation(second.number)
        guard let signed, signed.role(among: [second.role], under: desk.policy) == second.role else {
            throw Faults("waiting.officer-gone", ["officer": String(second.number)])
        }
    }

    private func isOne(_ person: Operator, of transition: Transition) -> Bool {
        let allowed = TransitionTable.row(transition).officers
        return person.role(among: allowed).map(allowed.contains) ?? false
    }

    // MARK: - Sending

    private func upload(_ visitor: Visitor) async throws -> Response {
        let session = visitor.session
        // Nobody who could take nothing in fills the disk.
        guard !intakeKinds(visitor.person).isEmpty else { throw Faults("counter.no-role") }
        let form = try await bodies.takingFile(from: visitor.fields.place) {
            try await UploadedForm.read(
                visitor.request.body, visitor.request.headers[.contentType] ?? "", into: desk.spool, on: desk.threads
            ) { fields in
                try checkToken(fields["form-token"], session)
            }
        }
        let sending = visitor.with(form.fields.filled(at: visitor.fields.place), session)
        do {
            try checkToken(form.fields["form-token"], session)
            return goOn(to: "/intake/\(try await judge(form, sending))")
        } catch {
            form.discard()
            guard let error = error as? any FaultReporting else { throw error }
            return try intakePage(sending, error.faults)
        }
    }

    /// Begins to judge what was sent; gives the name under which it is seen and confirmed.
    func judge(_ form: UploadedForm, _ sending: Visitor) async throws -> String {
        let (order, file) = try await order(form, sending)
        let officers = try await officers(for: order, sending)
        return try desk.intakes.begin(order, on: file, handledBy: officers, sentBy: sending.person.number)
    }

    private func order(_ form: UploadedForm, _ visitor: Visitor) async throws -> (IntakeOrder, IntakeSpool.File) {
        guard let kind = intakeKinds(visitor.person).first(where: { $0.rawValue == form.fields["kind"] }) else {
            throw Faults("counter.no-role")
        }
        guard let file = form.files["file"] else { throw Faults("intake.no-file") }
        var mapping: IntakeOrder.Mapping?
        if let sent = form.files["mapping"] {
            let bytes = try await desk.threads.run { try sent.content.bytes(named: sent.name) }
            sent.content.remove()
            guard let text = String(validating: bytes, as: UTF8.self) else {
                throw Faults("data-file.not-utf8", ["path": sent.name])
            }
            mapping = IntakeOrder.Mapping(file: sent.name, text: text)
        }
        _ = try room.library.entry(form.fields["layout"])
        let batch = form.fields["batch"].isEmpty ? nil : form.fields["batch"]
        let order = IntakeOrder(
            kind, file: file.name, mapping: mapping, layout: form.fields["layout"], batch: batch,
            isInstant: form.fields.isOn("instant"), isDryRun: true)
        return (order, file.content)
    }

    /// Who answers: the sender, of a return for the making and for the stock that it comes into alike, for one act makes the blank a card.
    private func officers(for order: IntakeOrder, _ visitor: Visitor) async throws -> FactoryReturn.Officers {
        guard order.kind == .factoryReturn else {
            let transitions: [Transition] = order.batch == nil ? [.registerPerson] : [.submit, .registerPerson]
            return .init(try await desk.handling(for: transitions, by: visitor.person, visitor.fields))
        }
        let keeper = try await desk.handling(for: [.receiveStock], by: visitor.person, visitor.fields)
        guard visitor.person.roles.contains(.personalizer) else { throw Faults("intake.maker-wanted") }
        let maker = Officer(number: visitor.person.number, role: .personalizer)
        return .init(maker: Handling(by: maker, second: keeper.second, proofs: keeper.proofs), keeper: keeper)
    }

    // MARK: - Pages

    private func intakePage(_ visitor: Visitor, _ faults: [Fault] = []) throws -> Response {
        let language = visitor.language
        let kinds = intakeKinds(visitor.person)
        let layouts = try room.library.files.layoutNames.sorted(by: >).map { name throws(Faults) -> View in
            let title = try title(ofLayout: name, language)
            let chosen = visitor.fields["layout"].isEmpty ? "national-2.0" : visitor.fields["layout"]
            return ["name": name, "title": title, "isChosen": name == chosen]
        }
        let rows = [TransitionTable.row(.registerPerson), TransitionTable.row(.receiveStock)]
        let proofs = [proofGroup(.identityDocument, visitor), proofGroup(.paper, visitor)]
        let view: View = [
            "mayNone": kinds.isEmpty,
            "kinds": kinds.map { kind in
                [
                    "value": kind.rawValue, "name": pages.words.text("intake-\(kind.rawValue)", language),
                    "isChosen": visitor.fields["kind"] == kind.rawValue,
                    "columns": Self.elements(of: kind).columns.map { column in
                        ["name": column.name, "chinese": column.chinese, "isMandatory": column.isMandatory] as View
                    },
                ] as View
            },
            "layouts": layouts, "batch": visitor.fields["batch"], "isInstant": visitor.fields.isOn("instant"),
            "hasProofs": true, "proofs": proofs, "most": String(UploadedForm.sizeLimit >> 20),
            "second": secondView(Array(rows.suffix(1)), true, visitor, isDemanded: false) as Any,
        ]
        return show("intake", visitor, title: pages.words.text("intake", language), faults: faults, view)
    }

    private func intakeStatePage(_ name: String, _ entry: Intakes.Entry, _ visitor: Visitor) -> Response {
        let language = visitor.language
        var view: View = [
            "tellsRows": true, "path": "/intake/\(name)", "file": entry.order.file, "batch": entry.order.batch ?? "–",
            "kind": pages.words.text("intake-\(entry.order.kind.rawValue)", language),
        ]
        if let anew = entry.anew { view["anew"] = pages.words.text("intakeAnew-\(anew.rawValue)", language) }
        var faults: [Fault] = []
        switch entry.stage {
        case .judging(let rows): (view["isRunning"], view["done"]) = (true, String(rows))
        case .taking(let done, let all): (view["isRunning"], view["done"]) = (true, "\(done) / \(all)")
        case .judged(let report): (view["isJudged"], view["counts"]) = (true, counts(report, of: entry.order, language))
        case .taken(let report): (view["isTaken"], view["counts"]) = (true, counts(report, of: entry.order, language))
        case .refused(let found, let isBegun):
            faults = Array(found.prefix(Self.shownFaults))
            (view["isRefused"], view["isBegun"], view["allFaults"]) = (true, isBegun, String(found.count))
        }
        if let waiting = entry.stage.report?.waitingReasons, !waiting.isEmpty {
            let shown = waiting.prefix(Self.shownFaults).map(\.fault)
            view["hasWaiting"] = true
            view["waitingRows"] = zip(PageRenderer.views(of: shown, language), shown).map { row, fault in
                row.merging(["line": String(fault.place?.line ?? 0)]) { own, _ in own }
            }
        }
        var response = show(
            "intake-state", visitor, title: pages.words.text("intake", language), faults: faults, view)
        // Looks again by itself, also where a browser runs no script.
        if entry.stage.isRunning, let refresh = HTTPField.Name("Refresh") {
            response.headers[refresh] = "1; url=/intake/\(name)?\(Self.againMark)"
        }
        return response
    }

    /// No page tells more of them; the file does.
    private static let shownFaults = 100

    private func counts(_ report: IntakeReport, of order: IntakeOrder, _ language: MessageLanguage) -> [View] {
        Self.counts(report, of: order).map {
            ["name": pages.words.text("intake-\($0)", language), "count": String($1)] as View
        }
    }

    /// What is counted of a kind of file, in the order in which it is told.
    static func counts(_ report: IntakeReport, of order: IntakeOrder) -> [(name: String, count: Int)] {
        switch order.kind {
        case .persons:
            [
                ("rows", report.rows), ("new", report.new), ("changed", report.changed), ("same", report.same),
                ("applications", report.applications), ("served", report.served),
            ]
        case .factoryReturn:
            [
                ("rows", report.rows), ("finished", report.finished), ("failed", report.failed),
                ("bookedBefore", report.bookedBefore), ("waiting", report.waiting),
                ("missing", report.missing.count),
            ]
        }
    }

    /// 差错报告, as the tool writes it.
    private func faultFile(_ entry: Intakes.Entry, _ language: MessageLanguage) -> Response {
        var faults: [Fault] = []
        if case .refused(let found, _) = entry.stage { faults = found }
        faults += entry.stage.report?.waitingReasons.map(\.fault) ?? []
        var response = Response(
            status: .ok, body: ResponseBody(byteBuffer: ByteBuffer(string: FaultTable.text(of: faults, in: language))))
        response.headers[.contentType] = "text/csv; charset=utf-8"
        response.headers[.contentDisposition] = "attachment; filename=\"faults.csv\""
        return response
    }
}
