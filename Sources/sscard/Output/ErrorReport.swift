import CardApplication
import CardData

/// What went wrong, for a person: what happened, what was and was not changed, what to do next, in both languages, with its code.
struct ErrorReport {
    let faults: [Fault]

    init(_ error: any Error) {
        faults =
            (error as? any FaultReporting)?.faults
            ?? [Fault("tool.unexpected", ["error": String(describing: error)])]
    }

    init(faults: [Fault]) { self.faults = faults }

    /// The exit code of the first fault.
    var exitCode: Int32 { faults.first.map { MessageCatalogue.standard.exitCode(for: $0.code) } ?? 70 }

    /// Prints the report on standard error and gives the exit code: that of the first fault.
    func print() -> Int32 {
        Terminal.tell(faults)
        if faults.count > 1 { Terminal.tell("共 \(faults.count) 处 · \(faults.count) faults") }
        return exitCode
    }
}

extension Terminal {
    /// What happened and what to do next, in both languages, on standard error; in one piece, whoever else writes there.
    static func tell(_ faults: [Fault]) {
        let catalogue = MessageCatalogue.standard
        let lines = faults.flatMap { fault in
            let place = fault.place.map { "\($0): " } ?? ""
            let chinese = catalogue.text(for: fault, language: .chinese)
            let english = catalogue.text(for: fault, language: .english)
            return [
                "\(place)[\(fault.code.rawValue)] \(chinese.what)", "    \(chinese.next)",
                "    \(english.what) \(english.next)",
            ]
        }
        if !lines.isEmpty { tell(lines.joined(separator: "\n")) }
    }
}

/// Ends the program with an answer that is not an error, for example 1 for “not genuine”.
struct ExitVerdict: Error {
    let code: Int32
}
