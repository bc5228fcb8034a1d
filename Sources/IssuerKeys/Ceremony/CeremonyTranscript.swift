public import CardData

/// The signed minutes of a ceremony that is over: an auditor checks them offline and without any secret.
public struct CeremonyTranscript: Sendable {
    static let format = "sscard-key-ceremony-transcript-1"

    /// What was written down.
    public let record: CeremonyRecord

    /// The text of its file.
    public var fileText: String {
        RecordJSON.object([("format", .text(Self.format))] + record.members).fileText
    }

    /// Reads and checks a transcript to the last byte: a text that differs in any from what is written for its contents is
    /// refused like one with a wrong signature.
    ///
    /// Throws `transcript.form`, `transcript.not-finished`, what ``CeremonyRecord/check()`` throws, and with a roster
    /// `transcript.not-in-roster` for every custodian whom it does not have with this name and key.
    public static func verify(_ bytes: [UInt8], roster: CustodianRoster? = nil) throws(Faults) -> CeremonyTranscript {
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw Faults("transcript.form", ["reason": "no text"])
        }
        let transcript: CeremonyTranscript
        do throws(Faults) {
            let root = try DataFile.parse(text, file: "transcript")
            try root.checkFormat(format)
            try root.checkKeys(["format", "opening", "commitments", "outcome"])
            transcript = CeremonyTranscript(record: try CeremonyRecord(root))
        } catch {
            throw Faults("transcript.form", ["reason": error.faults[0].code.rawValue])
        }
        guard Array(transcript.fileText.utf8) == bytes else {
            throw Faults("transcript.form", ["reason": "not as it was written"])
        }
        guard transcript.record.outcome != nil else { throw Faults("transcript.not-finished") }
        try transcript.record.check()
        guard let roster else { return transcript }
        let strangers = transcript.record.opening.custodians.filter { roster[$0.number] != $0 }
        let faults = strangers.map {
            Fault("transcript.not-in-roster", ["number": String($0.number), "name": $0.name])
        }
        if let faults = Faults(faults) { throw faults }
        return transcript
    }
}
