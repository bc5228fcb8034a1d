import ByteText
import CardCryptography
import CardData
import HTTPTypes
import Hummingbird
import Issuing

/// 导入与回盘 for programs: a file is sent in parts as a browser sends it, and everything that is answered is JSON.
///
/// Roles, limits and the two steps, judged first and taken in when it is confirmed, are the page's; each step is done once by its key.
extension CounterWeb {
    func addProgramIntake(to router: Router<CounterContext>) {
        router.post("/api/intake") { request, context in
            try checkOrigin(request)
            // Before anything of a file is kept: who sends it, and in which session.
            guard let visitor = try visitor(request, context) else {
                throw Faults("counter.session")
            }
            try checkToken(HTTPField.Name("X-Form-Token").flatMap { request.headers[$0] } ?? "", visitor.session)
            guard !mustChangePassword(visitor.person) else { throw Faults("operator.password-given") }
            return try await answeringProgram(visitor) { try await sendIn(visitor) }
        }
        reading(router, "/api/intake/:intake") { visitor in
            try intakeAnswer(visitor.parameter("intake"), visitor, .ok)
        }
        acting(router, "/api/intake/:intake/confirm") { visitor in
            let name = try await onceLeading(visitor) {
                let name = visitor.parameter("intake")
                try confirmIntake(name, visitor)
                return name
            }
            return try intakeAnswer(name, visitor, .accepted)
        }
    }

    private func intakeAnswer(
        _ name: String, _ visitor: Visitor, _ status: HTTPResponse.Status
    ) throws(Faults) -> Response {
        let entry = try desk.intakes.entry(name, of: visitor.person.number)
        return JSONAnswer.response(IntakeStateReport(name, entry), status: status)
    }

    private func sendIn(_ visitor: Visitor) async throws -> Response {
        guard !intakeKinds(visitor.person).isEmpty else { throw Faults("counter.no-role") }
        let type = visitor.request.headers[.contentType] ?? ""
        guard type.lowercased().hasPrefix("multipart/form-data") else {
            throw Faults("counter.media-type", ["expected": "multipart/form-data"])
        }
        _ = try visitor.key()
        let place = visitor.fields.place
        let form = try await bodies.takingFile(from: place) {
            try await UploadedForm.read(visitor.request.body, type, into: desk.spool, on: desk.threads) { _ in }
        }
        do {
            let sending = visitor.with(form.fields.filled(at: place), visitor.session)
            let told = sending.with(try await telling(form), visitor.session)
            let name = try await onceLeading(told) { try await judge(form, sending) }
            let entry = try desk.intakes.entry(name, of: visitor.person.number)
            // Sent once more under its key, the file of the first time is the one that is judged.
            if entry.file !== form.files["file"]?.content { form.discard() }
            return try intakeAnswer(name, visitor, .accepted)
        } catch {
            form.discard()
            throw error
        }
    }

    /// The form's fields and what its files hold, which belongs to the wish that a key stands for.
    private func telling(_ form: UploadedForm) async throws -> Fields {
        var values = form.fields.values
        for (field, file) in form.files {
            values["file-\(field)"] = try await desk.threads.run { try Self.digest(of: file) }
        }
        return form.fields.saying(values)
    }

    /// SHA-256 over a spooled file, piece by piece.
    private static func digest(of file: UploadedForm.File) throws -> String {
        let reading = try file.content.reading(named: file.name)
        var hash = try IncrementalHash(.sha256)
        while case let piece = try reading.next(), !piece.isEmpty { try hash.update(piece) }
        return try hash.finish().hexadecimal
    }
}
