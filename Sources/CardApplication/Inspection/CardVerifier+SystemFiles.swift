import ByteText
import CardData
import CardLayout
import ISO7816

/// The files that the card operating system itself works with, against what issuing wrote to them.
extension CardVerifier {
    /// Whether each is there, and holds what it was made with; nothing is presented.
    func checkSystemFiles() throws(CardError) -> [RuleFinding] {
        let readings = try CardReader(conversation, compiled, presentsKeys: false).readSystemFiles()
        return compiled.systemFiles.flatMap { directory, file in
            let outcome =
                readings.first { $0.directory == directory.name && $0.file == file.name }?.outcome ?? .absent
            return Self.verdicts(on: file, outcome).map { rule, verdict in
                RuleFinding(
                    rule: rule, directory: directory.name, file: file.name, element: nil, title: file.role.title,
                    verdict: verdict)
            }
        }
    }

    private static func verdicts(
        on file: SystemFile, _ outcome: FileReading.Outcome
    ) -> [(RuleFinding.Rule, RuleFinding.Verdict)] {
        let expected: FileReading.Outcome? =
            switch file.content {
            case .records(let records): .records(records)
            case .bytes(let bytes): .bytes(bytes)
            case nil: nil
            }
        if outcome == .absent { return [(.filePresent, .violated([Fault("card-verify.absent")]))] }
        guard let expected else { return [(.filePresent, .ok)] }
        guard outcome != expected else { return [(.filePresent, .ok), (.value, .ok)] }
        let found = ["found": outcome.hexadecimal, "expected": expected.hexadecimal]
        return [(.filePresent, .ok), (.value, .violated([Fault("card-verify.system-content", found)]))]
    }
}

extension FileReading.Outcome {
    /// The content in hexadecimal digits, or the answer that stands for it.
    fileprivate var hexadecimal: String {
        switch self {
        case .records(let records): records.map(\.hexadecimal).joined(separator: " ")
        case .bytes(let bytes): bytes.hexadecimal
        case .refused(let statusWord): statusWord.description
        case .notOpen, .protected, .absent, .neverWritten: "–"
        }
    }
}
